import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StepAction } from '#model/step.ts';
import { access, MANAGER, MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

const clock = new MovedClock();
let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault({ clock });
});
afterEach(() => vault[Symbol.asyncDispose]());

const BOB = 'bob@acme.example';
const again: StepAction = {
  ...{ kind: 'ResendInvite', key: BOB },
  ...{ before: { attempts: 1 }, after: { attempts: 2 } },
};
async function endedInvite(role: 'Admin' | 'Member'): Promise<void> {
  const action: StepAction = { kind: 'InviteMember', key: BOB, before: null, after: access({ role }) };
  expect(await vault.step(action, { record: record('Member', BOB) })).toBe('Done');
  clock.advance(40 * 24 * 3_600_000);
  await vault.lease(MANAGER, 'installation-1');
}

it('an invite as an admin that ended is a raise to send again: it takes an approval (rail 2)', async () => {
  await endedInvite('Admin');
  const [refused] = await vault.stepsUnapproved([{ action: again }]);
  expect(refused).toMatchObject({
    status: 'Refused',
    code: 'NeedsApproval',
    message: expect.stringContaining(`${BOB} (Admin`),
  });
  const approval = await vault.approved([again]);
  expect(await vault.stepsUnapproved([{ action: again, approval }])).toMatchObject([{ status: 'Done' }]);
});

it('one that raises nobody is sent again at once, and the owner is told (V4)', async () => {
  await endedInvite('Member');
  expect(await vault.stepsUnapproved([{ action: again }])).toMatchObject([{ status: 'Done' }]);
  const notices = await vault.context.reader.selectFrom('alert_notices').select(['action', 'rule']).execute();
  expect(notices).toContainEqual({ action: 'invite.sent', rule: 'Automation raises people' });
});
