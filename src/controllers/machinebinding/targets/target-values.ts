/** Asks the vault for the values of a machine's targets: one claim for all of them, signed by the machine's key. */
import { signText } from '#identity/key-pair.ts';
import type { SyncedSecret } from '#provider/provider.ts';
import type { RegisteredMachine } from '../../machine-registry.ts';
import { type PartOutcome, waiting } from '../part-outcome.ts';
import type { ChosenTarget } from './target-check.ts';
import { refusalOf } from './target-problems.ts';
import type { TargetWorld } from './target-world.ts';

/** What the vault answered, by id of the secret. */
export interface TargetValues {
  readonly values: ReadonlyMap<string, SyncedSecret>;
  /** Why it left out what it left out. */
  readonly refused: ReadonlyMap<string, string>;
}

/** @throws ProviderError, VaultAwayError, KubeError; what only has to be waited for is the problem. */
export async function readValues(
  machine: RegisteredMachine,
  world: TargetWorld,
  targets: readonly ChosenTarget[],
): Promise<
  { readonly problem: PartOutcome } | { readonly problem?: undefined; readonly answered: TargetValues }
> {
  world.values.check();
  const privateKey = await world.privateKey();
  if (privateKey === undefined) {
    return { problem: waiting('WaitingForKey', 'there is no key to read values with') };
  }
  const ids = new Set(targets.flatMap(({ sources }) => sources.map(({ id }) => id)));
  const claim = {
    machineId: machine.machineId,
    secrets: [...ids].sort(),
    sign: (payload: string) => signText(privateKey, payload),
  };
  const isFirst = targets.every(({ present }) => present === undefined);
  const answer = await world.values.sync(claim, isFirst);
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return { problem: refusal };
  world.sawVersions(answer.secrets);
  return {
    answered: {
      values: new Map(answer.secrets.map((secret) => [secret.id, secret])),
      refused: new Map(answer.refused.map(({ id, reason }) => [id, reason])),
    },
  };
}
