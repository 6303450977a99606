import { expect, test } from 'vitest';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import type { StepAction } from '#model/step.ts';
import { access, record, startTestVault } from '#test/builders/vault.ts';

test('a raise of an object of another namespace takes an approval where privilegeApproval is Never (rail 2)', async () => {
  await using vault = await startTestVault();
  const rails = { ...DEFAULT_RAILS, privilegeApproval: 'Never' } as const;
  const settings = JSON.parse(JSON.stringify({ displayName: null, rails }));
  const applied = { kind: 'ApplySettings', key: vault.vaultId, before: null, after: rails } as const;
  const approval = await vault.approved([applied]);
  const own = record('Organization', vault.vaultId, settings);
  expect(await vault.stepUnapproved(applied, { approval, record: own })).toBe('Done');

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
