import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StepAction } from '#model/step.ts';
import type { StepAnswer } from '#protocol/management.ts';
import {
  acceptInvite,
  access,
  MANAGER,
  newIdentity,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { inviteMember, memberNamed, setState } from '#vault/members/members.ts';

const BOB = 'bob@acme.example';
const EVE = 'eve@acme.example';
let vault: TestVault;
let bounded: SignedBy;

beforeEach(async () => {
  vault = await startTestVault();
  expect(
    await vault.step({ kind: 'CreateProject', key: 'web', before: null, after: { description: '' } }),
  ).toBe('Done');
  const of = { name: 'ci', projects: ['web'], managers: [MANAGER] };
  bounded = await newIdentity(vault.context, vault.vaultId, vault.owner, of);
});
afterEach(() => vault[Symbol.asyncDispose]());

const invite = (key: string): StepAction => ({ kind: 'InviteMember', key, before: null, after: access() });
const cancel = (key: string): StepAction => ({
  ...{ kind: 'CancelInvite', key, before: access(), after: null },
});
async function asBounded(action: StepAction): Promise<StepAnswer | undefined> {
  const fence = await vault.fence();
  const body = { fence, actions: [action], approval: null };
  const lossClass = action.kind === 'CancelInvite' ? 'invites' : 'people';
  if (action.kind === 'CancelInvite' || action.kind === 'RemoveMember')
    await vault.request('POST', '/reservations', { ...body, class: lossClass }, { as: bounded });
  const [answer] = await vault.stepsUnapproved([{ action }], { as: bounded, fence });
  return answer;
}
async function joined(email: string): Promise<void> {
  expect(await vault.step(invite(email), { record: record('Member', email) })).toBe('Done');
  await acceptInvite(vault, email);
}

it('an identity bounded to projects ends, suspends or gives back no membership, which is of the organization (V4)', async () => {
  await joined(BOB);
  await joined(EVE);
  await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    await setState(act, (await memberNamed(act, EVE)).row, 'Suspended');
    await act.audit({ action: 'vault.restored', subject: { kind: 'Member', key: EVE } });
  });
  const ended = access({ expiresAt: Date.UTC(2020, 0, 1) });
  const steps: readonly StepAction[] = [
    { kind: 'RemoveMember', key: BOB, before: { ...access(), state: 'Active' }, after: null },
    { kind: 'SuspendMember', key: BOB, before: { state: 'Active' }, after: { state: 'Suspended' } },
    { kind: 'UnsuspendMember', key: EVE, before: { state: 'Suspended' }, after: { state: 'Active' } },
    { kind: 'SetMemberAccess', key: BOB, before: access(), after: ended },
  ];
  for (const action of steps) {
    expect(await asBounded(action), action.kind).toMatchObject({
      code: 'Forbidden',
      message: 'The delegation is bounded to the projects web; this is about who is in the organization.',
    });
  }
  const given = access({ grants: [{ project: 'web', access: 'Read' }] });
  const within: StepAction = { kind: 'SetMemberAccess', key: BOB, before: access(), after: given };
  expect(await asBounded(within), 'the control').toMatchObject({ status: 'Done' });
});

it('it takes back an invite of its own manager that nobody accepted, and none of people', async () => {
  await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    await inviteMember(act, EVE, access());
    await act.audit({ action: 'vault.restored', subject: { kind: 'Member', key: EVE } });
  });
  const fence = await vault.fence();
  const own = [{ action: invite(BOB), record: record('Member', BOB) }];
  expect(await vault.stepsUnapproved(own, { as: bounded, fence })).toMatchObject([{ status: 'Done' }]);
  expect(await asBounded(cancel(EVE))).toMatchObject({ code: 'Forbidden' });
  expect(await asBounded(cancel(BOB))).toMatchObject({ status: 'Done' });
});
