import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withKeyUse } from '#engine/key-use.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import { KEY_END_CAUSES, type KeyEnd } from '#model/key-ends.ts';
import { MANAGED_KINDS, type ManagedKind } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import { plan } from '#planning/plan.ts';
import type { Fence, KeyUseAnswer, StepAnswer, StepRequest } from '#protocol/management.ts';
import type { Observation, Provider } from '#provider/provider.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { addMachineKey } from '#test/builders/machine.ts';
import { MANAGER, MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

const INSTALLATIONS = ['installation-1', 'installation-2'] as const;
const SEEN = {
  acme: Object.fromEntries(MANAGED_KINDS.map((kind) => [kind, 'uid'])) as Record<ManagedKind, string>,
};
const [SLOTS, LOST_AFTER] = [2, 600];

/** A key as the test knows that it stands. */
interface Known {
  readonly fingerprint: string;
  readonly installation: string | null;
  idleSince: number;
}

type Command =
  | { readonly is: 'add' }
  | { readonly is: 'addByPerson' }
  | { readonly is: 'use' | 'useAndWrite'; readonly which: number }
  | { readonly is: 'wait'; readonly seconds: number }
  | { readonly is: 'otherInstallation' }
  | { readonly is: 'end'; readonly which: number; readonly how: Omit<KeyEnd, 'fingerprint'> };

const which = fc.nat({ max: 1 });
const idleFor = fc.constantFrom(0, 60, LOST_AFTER, 3600);
const commands = fc.array(
  fc.oneof(
    fc.record({ is: fc.constantFrom('add' as const, 'addByPerson' as const, 'otherInstallation' as const) }),
    fc.record({ is: fc.constantFrom('use' as const, 'useAndWrite' as const), which }),
    fc.record({ is: fc.constant('wait' as const), seconds: fc.constantFrom(1, 59, 60, 599, 600, 3600) }),
    fc.record({
      is: fc.constant('end' as const),
      which,
      how: fc.record({ idleFor, because: fc.constantFrom(...KEY_END_CAUSES) }),
    }),
  ) as fc.Arbitrary<Command>,
  { minLength: 5, maxLength: 25 },
);

describe('ends of keys, in any order with what brings and uses them (V4)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let machines = 0;
  beforeAll(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock, automation: { unprovenKeys: null } });
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  it('a machine has two keys at most; none ends that is in use or of others, unless compromised; and plan and vault agree', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (list) => {
        const world = new World(vault, clock, `m${machines++}`);
        await world.begin();
        try {
          for (const command of list) await world.run(command);
        } finally {
          await world.end();
        }
      }),
      { numRuns: 25 },
    );
  });
});

class World {
  readonly #vault: TestVault;
  readonly #clock: MovedClock;
  readonly #name: string;
  #id = '';
  #installation: string = INSTALLATIONS[0];
  #fence: Fence | null = null;
  #keys: Known[] = [];
  readonly #compromised = new Set<string>();

  constructor(vault: TestVault, clock: MovedClock, name: string) {
    this.#vault = vault;
    this.#clock = clock;
    this.#name = name;
  }

  async begin(): Promise<void> {
    await this.#lease(INSTALLATIONS[0]);
    const { publicKey } = newKeyPair();
    const answer = await this.#sent({
      action: { kind: 'RegisterMachine', key: this.#name, before: null, after: {} },
      publicKey: publicKey.text,
      record: record('MachineBinding', this.#name, { access: [] }),
    });
    this.#id = answer.status === 'Done' ? (answer.machineId ?? '') : '';
    this.#known(publicKey.fingerprint, this.#installation);
  }

  /** The next world finds the lease as this one did. */
  end(): Promise<void> {
    return this.#lease(INSTALLATIONS[0]);
  }

  async run(command: Command): Promise<void> {
    switch (command.is) {
      case 'add':
        await this.#add();
        break;
      case 'addByPerson':
        if (this.#keys.length >= SLOTS) return;
        this.#known(
          (await addMachineKey(this.#vault, { id: this.#id, name: this.#name })).keys.publicKey.fingerprint,
          null,
        );
        break;
      case 'use':
      case 'useAndWrite':
        await this.#use(command);
        break;
      case 'wait':
        this.#clock.advance(command.seconds * 1000);
        await this.#lease(this.#installation);
        break;
      case 'otherInstallation':
        await this.#lease(INSTALLATIONS.find((one) => one !== this.#installation) ?? '');
        break;
      case 'end':
        await this.#end(command);
    }
    const there = await this.#fingerprints();
    expect(there).toEqual(this.#keys.map(({ fingerprint }) => fingerprint).sort());
    expect(there.length).toBeLessThanOrEqual(SLOTS);
    expect(there.some((fingerprint) => this.#compromised.has(fingerprint))).toBe(false);
  }

  async #add(): Promise<void> {
    const { publicKey } = newKeyPair();
    const before = { fingerprints: await this.#fingerprints() };
    const after = { fingerprint: publicKey.fingerprint };
    const action = { kind: 'AddMachineKey', key: this.#name, before, after } as const;
    const said = saidOf(await this.#sent({ action, publicKey: publicKey.text }));
    expect(said).toBe(this.#keys.length >= SLOTS ? 'KeySlotsBusy' : 'Done');
    if (said === 'Done') this.#known(publicKey.fingerprint, this.#installation);
  }

  async #use({ is, which }: { readonly is: string; readonly which: number }): Promise<void> {
    const key = this.#keys[which];
    if (key === undefined) return;
    key.idleSince = this.#clock.now();
    const { context, vaultId } = this.#vault;
    context.keyUses.used(vaultId, key.fingerprint, key.idleSince, '10.0.0.1');
    if (is === 'useAndWrite') await context.keyUses.flush();
  }

  async #end({ which, how }: { readonly which: number; readonly how: Omit<KeyEnd, 'fingerprint'> }) {
    const key = this.#keys[which];
    if (key === undefined) return;
    const end = { fingerprint: key.fingerprint, ...how };
    const others = this.#keys.filter((other) => other !== key);
    const planned = await this.#planned(end, others[0]?.fingerprint);
    const action: StepAction = {
      kind: 'RevokeKeyIfIdle',
      key: this.#name,
      before: { fingerprints: await this.#fingerprints() },
      after: end,
    };
    const said = saidOf(await this.#sent({ action }));

    const idleAt = key.idleSince + how.idleFor * 1000;
    // Of several processes each waits for what another may know.
    const lag = this.#vault.context.hasReplicas && how.idleFor > 0 ? 20_000 : 0;
    const isIdle = idleAt + lag <= this.#clock.now();
    const isOurs = key.installation === this.#installation;
    const isTooSoon = how.because === 'Lost' && how.idleFor < LOST_AFTER;
    const isLast = how.because === 'Rotated' && others.length === 0;
    const endsWhen = (idle: boolean): boolean =>
      how.because === 'Compromised' || (isOurs && idle && !isTooSoon && !isLast);
    const ends = endsWhen(isIdle);
    expect(said === 'Done').toBe(ends);
    // The operator never asks for a lost half within ten minutes, nor for anything before the next key is there.
    if (others.length > 0 && !isTooSoon)
      expect(planned).toEqual(endsWhen(idleAt <= this.#clock.now()) ? [action] : []);
    if (!ends) return;
    this.#keys = others;
    if (how.because === 'Compromised') this.#compromised.add(key.fingerprint);
  }

  /** What the operator would send, with another key of the machine mounted. */
  async #planned(end: KeyEnd, mounted: string | undefined): Promise<StepAction[]> {
    const key = mounted === undefined ? null : { fingerprint: mounted, publicKey: 'public' };
    const declared = desired()
      .machine(this.#name, [], { key, keyEnds: [end] })
      .with({ seenUnder: SEEN })
      .build();
    const observation = { snapshot: { etag: '', state: await this.#vault.snapshot() } } as Observation;
    const provider = {
      keyUse: async (fingerprints: readonly string[]) => {
        const { body } = await this.#vault.request<KeyUseAnswer>('POST', '/keys/use', { fingerprints });
        return new Map(body.keys.map(({ fingerprint, ...use }) => [fingerprint, use]));
      },
    } as unknown as Provider;
    const { signal } = new AbortController();
    const { snapshot } = await withKeyUse({ provider, desired: declared, signal }, observation);
    const { steps } = plan(
      declared,
      snapshot.state,
      policy({ installation: this.#installation }),
      this.#clock.now(),
    );
    return steps.map(({ action }) => action).filter(({ kind }) => kind === 'RevokeKeyIfIdle');
  }

  async #sent(request: Partial<StepRequest> & { readonly action: StepAction }): Promise<StepAnswer> {
    const by = this.#fence === null ? {} : { fence: this.#fence };
    const [answer] = await this.#vault.steps([request], by);
    if (answer === undefined) throw new Error('no answer');
    return answer;
  }

  async #lease(installation: string): Promise<void> {
    if (installation !== this.#installation) {
      await this.#vault.request('DELETE', '/lease', await this.#vault.lease(MANAGER, this.#installation));
    }
    this.#installation = installation;
    this.#fence = await this.#vault.lease(MANAGER, installation);
  }

  async #fingerprints(): Promise<string[]> {
    const { machines } = await this.#vault.snapshot();
    return (machines.find(({ name }) => name === this.#name)?.keys ?? []).map(
      ({ fingerprint }) => fingerprint,
    );
  }

  #known(fingerprint: string, installation: string | null): void {
    this.#keys = [...this.#keys, { fingerprint, installation, idleSince: this.#clock.now() }];
  }
}

function saidOf(answer: StepAnswer): string {
  return answer.status === 'Refused' ? answer.code : answer.status;
}
