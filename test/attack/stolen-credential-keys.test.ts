import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import { rotatePayload, signPayload } from '#protocol/signing.ts';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { record, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';
import { ownMachine } from './thief.ts';

interface There {
  readonly id: string;
  readonly name: string;
  readonly keys: KeyPair;
}

/** What goes with a key that is to pass for one of the machine. */
type Means = (
  vault: TestVault,
  machine: There,
  action: StepAction,
  next: KeyPair,
) => Promise<Partial<StepRequest>> | Partial<StepRequest>;

const signed = ({ vaultId, audience }: TestVault, { id }: There, by: KeyPair, next: KeyPair): string => {
  const { fingerprint } = next.publicKey;
  return signPayload(by.privateKey, rotatePayload({ audience, vaultId, machineId: id, fingerprint }));
};

const ATTACK: readonly Means[] = [
  () => ({}),
  (vault, machine, _, next) => ({ keyProof: signed(vault, machine, next, next) }),
  (vault, machine, _, next) => ({ keyProof: signed(vault, machine, vault.identity.keys, next) }),
  (vault, _, action) => ({
    approval: {
      ...{ via: 'PlanApproval', reference: 'acme/approve', approver: 'alice', reason: 'rebuilt' },
      digest: planDigest(vault.vaultId, [action]),
    },
  }),
  async (vault, _, action) => ({
    approval: {
      ...(await vault.approved([
        { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } },
      ])),
      digest: planDigest(vault.vaultId, [action]),
    },
  }),
  // Taken into the records with the key itself.
  (_, { name }) => ({ record: record('MachineBinding', name, { access: [] }) }),
];

attack({
  name: 'gives itself a key of a machine that is there, and reads by it',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NeedsApproval', 'Invalid', 'CeilingReached', 'Forbidden'],
  permittedBy:
    'the signature of the key that the machine has, and an approval in the vault where it is of people',
  async world() {
    const { vault } = await ownedVault({ automation: { unprovenKeys: 0 } });
    const secrets = await setValues(vault, { 'web/cookie': 'planted value' });
    const own: There[] = [];
    for (const index of ATTACK.keys()) own.push(await ownMachine(vault, `own-${index}`));
    const theirs: There[] = [];
    for (const index of ATTACK.keys()) {
      const name = `theirs-${index}`;
      theirs.push({ name, ...(await newMachine(vault, name, [{ project: 'web', secrets: ['cookie'] }])) });
    }
    return { vault, secret: secrets['web/cookie'] ?? '', own, theirs };
  },
  attack: () => ATTACK,
  control: () =>
    ATTACK.map(
      (): Means => async (vault, machine, action, next) => ({
        keyProof: signed(vault, machine, machine.keys, next),
        approval: await vault.approved([action]),
      }),
    ),
  async calls({ vault, secret, own, theirs }, means) {
    const outcomes: Outcome[] = [];
    for (const [index, mean] of means.entries()) {
      for (const machine of [own[index], theirs[index]]) {
        if (machine === undefined) throw new Error('a machine for each of the means');
        outcomes.push(await keyed(vault, machine, mean, secret));
      }
    }
    return outcomes;
  },
});

/** Adds the key and reads by it. */
async function keyed(vault: TestVault, machine: There, mean: Means, secret: string): Promise<Outcome> {
  const next = newKeyPair();
  const action = {
    kind: 'AddMachineKey',
    key: machine.name,
    before: { fingerprints: [machine.keys.publicKey.fingerprint] },
    after: { fingerprint: next.publicKey.fingerprint },
  } as const;
  const more = { publicKey: next.publicKey.text, ...(await mean(vault, machine, action, next)) };
  const said = await vault.stepUnapproved(action, more);
  const client = clientOf(vault, machine, next);
  const read = await client.send('GET', `/v1/secret/${secret}`, undefined, { now: vault.clock.now() });
  const call = `AddMachineKey ${machine.name}`;
  return read.status === 200 ? done(call, said) : refused(call, said);
}
