import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import type { KeyEnd } from '#model/key-ends.ts';
import { addMachineKey, clientOf, setValues } from '#test/builders/machine.ts';
import { MANAGER, record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';

const HERE = 'installation-1';
const ELSEWHERE = 'installation-2';
const DAY = 24 * 60 * 60;

type How = Omit<KeyEnd, 'fingerprint'>;

/** Whose key it is, and what the thief says of it. */
const TRIED: readonly {
  readonly of: 'in use' | 'elsewhere' | 'person' | 'only';
  readonly how: How;
}[] = [
  { of: 'in use', how: { idleFor: DAY, because: 'Rotated' } },
  { of: 'in use', how: { idleFor: 600, because: 'Lost' } },
  { of: 'in use', how: { idleFor: 0, because: 'Lost' } },
  { of: 'only', how: { idleFor: 0, because: 'Rotated' } },
  { of: 'elsewhere', how: { idleFor: 0, because: 'Rotated' } },
  { of: 'elsewhere', how: { idleFor: 600, because: 'Lost' } },
  { of: 'person', how: { idleFor: 0, because: 'Rotated' } },
  { of: 'person', how: { idleFor: 600, because: 'Lost' } },
];

interface There {
  readonly id: string;
  readonly name: string;
  /** The key that is to end. */
  readonly key: KeyPair;
}

attack({
  name: 'ends keys that pods read by, or that a person or another cluster brought',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['KeyInUse', 'NotOurKey', 'Invalid'],
  permittedBy: 'that it names them as compromised, of which the owner is told first of all',
  async world() {
    const { vault } = await ownedVault();
    const secrets = await setValues(vault, { 'web/cookie': 'planted value' });
    const world = { vault, secret: secrets['web/cookie'] ?? '' };
    const there: There[] = [];
    for (const [index, { of }] of TRIED.entries()) there.push(await machine(world, `m${index}`, of));
    // The thief sees in the snapshot as whom to come.
    await vault.lease(MANAGER, HERE);
    return { ...world, there };
  },
  attack: () => TRIED.map(({ how }) => how),
  control: () => TRIED.map((): How => ({ idleFor: 0, because: 'Compromised' })),
  async calls({ vault, secret, there }, means) {
    const outcomes: Outcome[] = [];
    for (const [index, how] of means.entries()) {
      const target = there[index];
      if (target === undefined) throw new Error('a machine for each of the means');
      outcomes.push(await ended({ vault, secret }, target, how));
    }
    return outcomes;
  },
});

interface World {
  readonly vault: TestVault;
  readonly secret: string;
}

async function machine(
  { vault, secret }: World,
  name: string,
  of: (typeof TRIED)[number]['of'],
): Promise<There> {
  const installation = of === 'elsewhere' ? ELSEWHERE : HERE;
  const fence = await vault.lease(MANAGER, installation);
  const key = newKeyPair();
  const access = [{ project: 'web', secrets: ['cookie'] }];
  const answers = await vault.steps(
    [
      {
        action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
        publicKey: key.publicKey.text,
        record: record('MachineBinding', name, { access: [] }),
      },
      { action: { kind: 'SetMachineAccess', key: name, before: { access: [] }, after: { access } } },
    ],
    { fence },
  );
  await vault.request('DELETE', '/lease', fence);
  const [answer] = answers;
  if (answer?.status !== 'Done') throw new Error(`${name}: ${JSON.stringify(answers)}`);
  const made = { id: answer.machineId ?? '', name };
  const second = of === 'only' ? null : await addMachineKey(vault, made);
  const target = { ...made, key: of === 'person' && second !== null ? second.keys : key };
  if (of === 'in use') await statusOfRead({ vault, secret }, target);
  return target;
}

/** Refused where the key still reads. */
async function ended(world: World, { id, name, key }: There, how: How): Promise<Outcome> {
  const { vault } = world;
  const { machines } = await vault.snapshot();
  const keys = machines.find((one) => one.name === name)?.keys ?? [];
  const said = await vault.stepUnapproved({
    kind: 'RevokeKeyIfIdle',
    key: name,
    before: { fingerprints: keys.map(({ fingerprint }) => fingerprint) },
    after: { fingerprint: key.publicKey.fingerprint, ...how },
  });
  const status = await statusOfRead(world, { id, name, key });
  const call = `RevokeKeyIfIdle ${name}`;
  return status === 200 ? refused(call, said) : done(call, said);
}

async function statusOfRead({ vault, secret }: World, { id, name, key }: There): Promise<number> {
  const client = clientOf(vault, { id, name }, key);
  const answer = await client.send('GET', `/v1/secret/${secret}`, undefined, { now: vault.clock.now() });
  return answer.status;
}
