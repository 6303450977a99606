import { expect, it } from 'vitest';
import { NAMESPACES, SECRETS } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import { PEOPLE, readyTeam, untilSays } from './world/team.ts';

it('stops managing when the Organization object is deleted: nobody is removed, its objects say so (rail 9)', async () => {
  const { cluster, vault, operator } = await readyTeam(PEOPLE, 'checkout');
  const before = await vault.observe();

  await cluster.remove('Organization', 'acme');
  await untilSays(cluster, 'Member/alice', 'Ready=False/OrganizationNotFound', operator);
  // Its objects go, one by one, as with a prune.
  for (const name of PEOPLE) await cluster.remove('Member', name);
  await cluster.remove('MachineBinding', 'checkout');
  await eventually('the lease of the vault to be given back', async () =>
    (await vault.observation()).volatile.lease === null ? true : undefined,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = await vault.observe();
  expect({ members: after.members, machines: after.machines, revision: after.revision }).toEqual({
    members: before.members,
    machines: before.machines,
    revision: before.revision,
  });
});

it('lets a namespace go: nothing hangs, and nobody is removed (rail 9)', async () => {
  const { cluster, vault, operator } = await readyTeam(PEOPLE, 'checkout');
  const { admin, namespace } = cluster;
  const before = await vault.members();

  await admin.delete(NAMESPACES, { name: namespace });
  await eventually(
    'the namespace to be gone',
    async () => ((await admin.find(NAMESPACES, { name: namespace })) === undefined ? true : undefined),
    { explain: async () => [operator.log, await admin.find(NAMESPACES, { name: namespace })] },
  );
  expect(await vault.members()).toEqual(before);
  expect((await vault.observe()).machines).toMatchObject([{ name: 'checkout', enabled: true }]);
  await expect(admin.list(SECRETS, { namespace })).resolves.toMatchObject({ items: [] });
});
