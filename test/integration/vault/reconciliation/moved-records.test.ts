import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Json } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import { acceptInvite, access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

const BOB = 'bob@acme.example';
const more = access({ grants: [{ project: 'Main', access: 'Read' }] });
const APPLIED: Json = { member: { role: 'Member' }, grants: [] };
const from = (origin: string) => ({ ...record('Member', BOB, APPLIED), origin });
const claim: StepAction = {
  ...{ kind: 'Claim', key: `Member/${BOB}`, before: null },
  after: { kind: 'Member', applied: APPLIED },
};
const gain: StepAction = { kind: 'SetMemberAccess', key: BOB, before: access(), after: more };

let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault();
  const invite: StepAction = { kind: 'InviteMember', key: BOB, before: null, after: access() };
  expect(await vault.step(invite, { record: from('team-a') })).toBe('Done');
  await acceptInvite(vault, BOB);
});
afterEach(() => vault[Symbol.asyncDispose]());

it('a record is moved to another namespace by an approval alone, so that no gain follows a move without one (rail 2)', async () => {
  expect(await vault.stepUnapproved(gain, { record: from('team-b') }), 'at once').toBe('NeedsApproval');
  expect(await vault.stepUnapproved(claim, { record: from('team-b') }), 'first').toBe('NeedsApproval');
  expect(await vault.stepUnapproved(gain, { record: from('team-b') }), 'then').toBe('NeedsApproval');
  const approval = await vault.approved([claim]);
  expect(await vault.stepUnapproved(claim, { record: from('team-b'), approval })).toBe('Done');
  expect(await vault.stepUnapproved(gain, { record: from('team-b') }), 'the control').toBe('Done');
});

it('a suspension that leaves the record where it is waits for nothing, wherever it is declared (M1)', async () => {
  const suspend: StepAction = {
    ...{ kind: 'SuspendMember', key: BOB },
    ...{ before: { state: 'Active' }, after: { state: 'Suspended' } },
  };
  expect(await vault.stepUnapproved(suspend, { origin: 'team-b' })).toBe('Done');
});
