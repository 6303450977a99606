import { expect, it } from 'vitest';
import { NAMESPACES } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import { declare, PEOPLE, readyTeam, untilSays } from './world/team.ts';

it('removes nobody when a namespace is built again with half of its objects (loss by absence)', async () => {
  const team = await readyTeam(PEOPLE);
  const { cluster, vault, operator } = team;
  const { admin, namespace } = cluster;
  const before = await vault.members();

  await admin.delete(NAMESPACES, { name: namespace });
  await eventually('the namespace to be gone', async () =>
    (await admin.find(NAMESPACES, { name: namespace })) === undefined ? true : undefined,
  );
  await admin.create(NAMESPACES, { metadata: { name: namespace } });
  await cluster.enable();
  await cluster.secret('vault-credentials', vault.credentials);
  await declare(team, ['alice', 'bob']);
  await untilSays(cluster, 'Member/alice', 'Ready=True/Succeeded', operator);
  const message = await untilSays(cluster, 'Organization/acme', 'PlanHeld=True/NotSeenDeclared', operator);
  expect(message).not.toBe('');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await vault.members()).toEqual(before);
});
