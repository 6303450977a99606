import { expect, it } from 'vitest';
import { effectiveAccess, hasCell } from '#model/access.ts';
import { groupGrantsOf } from '#model/groups.ts';
import { eventually } from './world/cluster.ts';
import { emailOf, readyTeam, untilReady, untilSays } from './world/team.ts';

const organizationRef = { name: 'acme' };
const BOB = emailOf('bob');

it('a Group gives its members access, whom it lists as invitees too, and withdraws it when it is deleted (G1, G2)', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice', 'bob', 'carol']);
  const manages = async (): Promise<boolean> => {
    const { members, groups } = await vault.observe();
    const bob = members.find(({ email }) => email === BOB);
    if (bob === undefined) return false;
    const access = effectiveAccess(bob, () => undefined, groupGrantsOf(groups, BOB), Date.now());
    return hasCell(access, 'Secrets: Manage', 'payments');
  };
  const groups = async () => (await vault.observe()).groups.map(({ name }) => name);
  const explain = {
    explain: async () => [
      (await cluster.read('Organization', 'acme')).status,
      operator.log,
      (await vault.observe()).groups,
    ],
  };
  await cluster.apply('Group', 'on-call', {
    organizationRef,
    members: [{ email: 'Bob@Acme.example' }],
    grants: [{ project: 'payments', access: 'Write' }],
  });
  await cluster.apply('Group', 'watchers', { organizationRef, members: [{ email: emailOf('carol') }] });
  await cluster.apply('Project', 'payments', {
    organizationRef,
    grants: [{ group: 'watchers', access: 'Read' }],
    secrets: [{ name: 'db-password', generator: { length: 24 } }],
  });
  await untilSays(cluster, 'Group/on-call', 'MembersResolved=True/Succeeded', operator);
  await untilSays(cluster, 'Group/watchers', 'Ready=True/Succeeded', operator);
  expect(await manages()).toBe(false);
  await vault.answerInvite(BOB, 'accept');
  expect(await manages()).toBe(true);
  expect((await vault.observe()).groups).toMatchObject([
    { name: 'Everyone' },
    { name: 'on-call', members: [BOB] },
    { name: 'watchers', members: [emailOf('carol')], grants: [{ project: 'payments', access: 'Read' }] },
  ]);

  await vault.asOwner('POST', '/groups', { name: 'mine' });
  await vault.asOwner('POST', '/groups/mine/members', { emails: [BOB] });
  await vault.asOwner('PUT', '/groups/mine/grants/Main', { access: 'Write' });
  await eventually(
    'the group that was made by hand to be told',
    async () =>
      JSON.stringify((await cluster.read('Organization', 'acme')).status).includes(
        `The group mine is not declared, and gives beyond Git: ${BOB} (Secrets: Manage in Main)`,
      )
        ? true
        : undefined,
    explain,
  );

  await cluster.remove('Group', 'on-call');
  await eventually(
    'the group to be gone',
    async () => ((await groups()).includes('on-call') ? undefined : true),
    explain,
  );
  expect(await manages()).toBe(false);
  expect(await groups()).toEqual(['Everyone', 'mine', 'watchers']);
  await untilReady(cluster, operator);
});
