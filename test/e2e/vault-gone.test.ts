import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { readyTeam, statuses, untilSays } from './world/team.ts';

it('says Unreachable on the Organization when the vault is gone, and loses nothing of the cluster (rail 9)', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice', 'bob'], 'checkout');
  const { admin, namespace } = cluster;
  const secrets = async () =>
    (await admin.list(SECRETS, { namespace })).items.map(
      ({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`,
    );
  const before = await secrets();

  await vault.kill();
  await untilSays(cluster, 'Organization/acme', 'Connected=False/Unreachable', operator);
  await untilSays(cluster, 'Organization/acme', 'Ready=False/Unreachable', operator);
  // An object goes meanwhile: its Secrets stay, because nobody has withdrawn the machine.
  await cluster.remove('MachineBinding', 'checkout');
  await cluster.remove('Member', 'bob');
  await untilSays(cluster, 'Organization/acme', 'Reconciling=True/Unreachable', operator);
  expect(await secrets()).toEqual(before);
  const rows = await statuses(cluster);
  expect(
    rows.find(({ object }) => object === 'Member/alice')?.conditions.find(({ type }) => type === 'Ready')
      ?.status,
  ).toBe('True');
});
