import { expect, it } from 'vitest';
import { EVENTS } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import { declareMember, emailOf, readyTeam, untilSays } from './world/team.ts';

it('tells what it did and what it cannot do by Events that the chart’s RBAC lets it write', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice'], 'checkout');
  const { admin, namespace } = cluster;
  await vault.answerInvite(emailOf('alice'), 'accept');
  await untilSays(cluster, 'Member/alice', 'Joined=True/Joined', operator);
  await vault.asOwner('POST', `/members/${emailOf('alice')}/suspend`);
  await untilSays(cluster, 'Member/alice', 'CutByPerson=True/ReinstateNeeded', operator);

  const told = async () =>
    (await admin.list(EVENTS, { namespace })).items
      .filter(({ reportingController }) => reportingController === 'seneschal.dev/operator')
      .map(({ type, reason, regarding }) => `${type} ${reason} ${regarding?.kind}/${regarding?.name}`);
  const expected = [
    'Normal CreateTemplate PermissionTemplate/developers',
    'Normal InviteMember Member/alice',
    'Normal Succeeded MachineBinding/checkout',
    'Warning ReinstateNeeded Member/alice',
  ];
  await eventually(
    'the Events',
    async () => {
      const events = await told();
      return expected.every((event) => events.includes(event)) || undefined;
    },
    { explain: async () => [await told(), operator.kube.filter(({ resource }) => resource === 'events')] },
  );
  const codes = operator.kube.filter(({ resource }) => resource === 'events').map(({ code }) => code);
  expect([...new Set(codes)]).toEqual([201]);

  // What stays as it is is told once.
  const warned = async () => (await told()).filter((event) => event === expected[3]).length;
  await declareMember(cluster, 'bob');
  await untilSays(cluster, 'Member/bob', 'Ready=True/Succeeded', operator);
  expect(await warned()).toBe(1);
});
