import { expect, it } from 'vitest';
import { SECRETS } from '../../src/kube/kube.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareBinding, openTeam, statuses, untilReady, untilSays } from './world/team.ts';

it('says Unreachable on the Organization when the vault is gone, and loses nothing of the cluster (rail 9)', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  const { admin, namespace } = cluster;
  const operator = await startOperator(cluster);
  await declare(team, ['alice', 'bob']);
  await declareBinding(cluster, 'checkout');
  await untilReady(cluster, operator);
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
