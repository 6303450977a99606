/** Acts on the decisions about a binding's key, one after the other, until it waits or is done. */
import type { OfferedKey } from '../../machine-keys.ts';
import type { BindingInput } from '../input.ts';
import { waiting } from '../part-outcome.ts';
import type { PassDeletions } from '../secret-deletion.ts';
import type { StagedHere } from './key-places.ts';
import { type KeyStep, nextKeyStep } from './next-key-step.ts';
import { type KeyOutcome, type KeyWorld, OneKeyPass } from './one-key-pass.ts';
import type { OtherKeys } from './other-keys.ts';

/** More actions than this in one pass mean that something else writes against us. */
const MAX_ACTIONS = 12;

export class KeyPass {
  readonly #world: KeyWorld;
  /** Keys that this process staged and has not mounted yet, by binding UID: saves reading them back. */
  readonly #staged = new Map<string, StagedHere>();
  /** Versions of identity Secrets that were read and found right although somebody owns a field. */
  readonly #verified = new Map<string, string>();

  constructor(world: KeyWorld) {
    this.#world = world;
  }

  forget(bindingUid: string): void {
    this.#staged.delete(bindingUid);
    this.#verified.delete(bindingUid);
  }

  /** @throws KubeError; a 403 is for the caller to explain, and is never taken for absence. */
  async run(input: BindingInput, deletions: PassDeletions): Promise<KeyOutcome> {
    const pass = new OneKeyPass(this.#world, input, deletions, this.#staged, this.#verified);
    for (let action = 0; action < MAX_ACTIONS; action += 1) {
      const state = pass.state();
      const step = nextKeyStep(state);
      switch (step.do) {
        case 'conflict':
          return pass.conflict(step.place);
        case 'confirm':
          await pass.confirm(step.place);
          break;
        case 'offer':
        case 'done': {
          const others = await pass.others();
          // Places were read past the cache, and may show something else.
          if (others === undefined) break;
          pass.stands(state, step, others);
          await this.#offer(input, pass, step, others);
          return step.do === 'done' || step.beside !== undefined
            ? pass.settle(step)
            : pass.end(
                waiting(
                  'WaitingForRegistration',
                  'the key is made; the vault registers it with the next pass',
                ),
              );
        }
        case 'stage':
          if (!input.view.acts)
            return pass.end(waiting('WaitingForOrganization', 'the organization is only observed'));
          await pass.stage(step.follows ?? null);
          break;
        case 'inherit':
        case 'mount':
        case 'unstage': {
          if (!input.view.acts)
            return pass.end(waiting('WaitingForOrganization', 'the organization is only observed'));
          const conflict =
            step.do === 'inherit'
              ? await pass.inherit(step.place)
              : step.do === 'mount'
                ? await pass.mount()
                : await pass.unstage();
          if (conflict !== undefined) return pass.end(conflict);
          break;
        }
      }
    }
    return pass.end(waiting('Progressing', 'the Secrets of the key keep changing; looked at again'));
  }

  async #offer(
    { identity: { namespace, name, vault } }: BindingInput,
    pass: OneKeyPass,
    step: Extract<KeyStep, { do: 'offer' | 'done' }>,
    { keys }: OtherKeys,
  ): Promise<void> {
    const { fingerprint } = step;
    const ends = keys.flatMap(({ end }) => (end === null ? [] : [end]));
    const key: OfferedKey =
      step.do === 'done'
        ? { fingerprint, publicKey: pass.publicKeyAt('mounted'), vault, ends }
        : {
            ...{ fingerprint, publicKey: pass.publicKeyAt(step.place), vault, ends },
            proof: await pass.proofOf(fingerprint),
            ...(step.beside === undefined ? {} : { beside: step.beside }),
          };
    this.#world.offered.offer(namespace, name, key);
  }
}
