import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StepAction } from '#model/step.ts';
import { access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault({ automation: { invitesPerHour: 1 } });
});
afterEach(() => vault[Symbol.asyncDispose]());

const invite = (email: string, role: 'Admin' | 'Member' = 'Member'): StepAction => ({
  ...{ kind: 'InviteMember', key: email, before: null },
  after: access({ role }),
});
const approvedOf = async (email: string) =>
  (await vault.snapshot()).records.find(({ kind, key }) => kind === 'Member' && key === email)?.approved;
const own = (email: string) => ({ record: record('Member', email) });

it('a record says by whom a raise was approved, and keeps it while its object changes', async () => {
  const action = invite(ALICE, 'Admin');
  const approval = await vault.approved([action]);
  expect(await vault.stepUnapproved(action, { ...own(ALICE), approval })).toBe('Done');
  const approved = { by: approval.approver, via: 'Vault', at: expect.any(Number) };
  expect(await approvedOf(ALICE)).toEqual(approved);
  const lowered: StepAction = {
    ...{ kind: 'SetMemberAccess', key: ALICE },
    ...{ before: access({ role: 'Admin' }), after: access({ role: 'Admin', grants: [] }) },
  };
  expect(await vault.stepUnapproved(lowered, own(ALICE))).toBe('Done');
  expect(await approvedOf(ALICE)).toEqual(approved);
});

it('a record says by whom an invite beyond the bounds was approved, and nothing of one within them', async () => {
  expect(await vault.stepUnapproved(invite(ALICE), own(ALICE))).toBe('Done');
  expect(await approvedOf(ALICE)).toBeUndefined();
  const approval = await vault.approved([invite(BOB)]);
  expect(await vault.stepUnapproved(invite(BOB), { ...own(BOB), approval })).toBe('Done');
  expect(await approvedOf(BOB)).toMatchObject({ by: approval.approver, via: 'Vault' });
});

it('what automation sends as an approver is not believed', async () => {
  const forged = { ...record('Member', ALICE), approved: { by: 'the-owner', via: 'Vault', at: 1 } as const };
  expect(await vault.stepUnapproved(invite(ALICE), { record: forged })).toBe('Done');
  expect(await approvedOf(ALICE)).toBeUndefined();
  const action = invite(BOB);
  const claim = await vault.approved([action]);
  const named = { ...claim, approver: 'somebody-else' };
  expect(await vault.stepUnapproved(action, { ...own(BOB), approval: named })).toBe('Done');
  expect((await approvedOf(BOB))?.by).toBe(claim.approver);
});
