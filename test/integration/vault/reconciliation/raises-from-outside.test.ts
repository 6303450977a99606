import { expect, test } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import type { StepAction } from '#model/step.ts';
import { newMachine } from '#test/builders/machine.ts';
import { acceptInvite, access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

/** As a first commit that was approved leaves it. */
async function applyNever(vault: TestVault): Promise<void> {
  const rails = { ...DEFAULT_RAILS, privilegeApproval: 'Never' } as const;
  const settings = JSON.parse(JSON.stringify({ displayName: null, rails }));
  const applied = { kind: 'ApplySettings', key: vault.vaultId, before: null, after: rails } as const;
  const approval = await vault.approved([applied]);
  const own = record('Organization', vault.vaultId, settings);
  expect(await vault.stepUnapproved(applied, { approval, record: own })).toBe('Done');
}

test('a raise of an object of another namespace takes an approval where privilegeApproval is Never (rail 2)', async () => {
  await using vault = await startTestVault();
  await applyNever(vault);

  const admin = (key: string): StepAction => ({
    kind: 'InviteMember',
    key,
    before: null,
    after: access({ role: 'Admin' }),
  });
  const from = (origin: string, key: string) => ({ record: { ...record('Member', key), origin } });
  const eve = admin('eve@acme.example');
  const sent = from('team', eve.key);
  expect(await vault.stepUnapproved(eve, sent)).toBe('NeedsApproval');
  expect(await vault.stepUnapproved(admin('ann@acme.example'), from('acme', 'ann@acme.example'))).toBe(
    'Done',
  );
  const given = await vault.approved([eve]);
  expect(await vault.stepUnapproved(eve, { ...sent, approval: given })).toBe('Done');
});

test('so does what a step without a record gives to somebody whom another namespace declares now (rail 2)', async () => {
  await using vault = await startTestVault();
  const key = 'bob@acme.example';
  const reading = access({ grants: [{ project: 'Main', access: 'Read' }] });
  const invite: StepAction = { kind: 'InviteMember', key, before: null, after: reading };
  expect(await vault.step(invite, { record: record('Member', key) })).toBe('Done');
  await acceptInvite(vault, key);
  const suspend: StepAction = {
    kind: 'SuspendMember',
    key,
    before: { state: 'Active' },
    after: { state: 'Suspended' },
  };
  expect(await vault.step(suspend)).toBe('Done');
  const back: StepAction = {
    kind: 'UnsuspendMember',
    key,
    before: { state: 'Suspended' },
    after: { state: 'Active' },
  };
  expect(await vault.stepUnapproved(back, { origin: 'team' })).toBe('NeedsApproval');
  expect(await vault.stepUnapproved(back, { origin: 'acme' })).toBe('Done');
});

test('a key that nothing vouches for, to a machine that people made, does where privilegeApproval is Never (rail 2)', async () => {
  await using vault = await startTestVault();
  await applyNever(vault);
  const machine = await newMachine(vault, 'ci');
  const { publicKey } = newKeyPair();
  const add: StepAction = {
    kind: 'AddMachineKey',
    key: 'ci',
    before: { fingerprints: [machine.keys.publicKey.fingerprint] },
    after: { fingerprint: publicKey.fingerprint },
  };
  const sent = { publicKey: publicKey.text };
  expect(await vault.stepUnapproved(add, sent)).toBe('NeedsApproval');
  expect(await vault.stepUnapproved(add, { ...sent, approval: await vault.approved([add]) })).toBe('Done');
});
