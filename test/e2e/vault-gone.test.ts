import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import { readyTeam, statuses, untilSays } from './world/team.ts';

it('says on the Organization that the vault is not heard, and loses nothing of the cluster (rail 9)', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice', 'bob'], 'checkout');
  const { admin, namespace } = cluster;
  const secrets = async () =>
    (await admin.list(SECRETS, { namespace })).items.map(
      ({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`,
    );
  const before = await secrets();

  await vault.kill();
  const message = await untilSays(
    cluster,
    'Organization/acme',
    'Connected=Unknown/Unreachable',
    operator,
    60,
  );
  expect(message).toMatch(/The vault answered last at \d{4}-\d\d-\d\dT/);
  // An object goes meanwhile: its Secrets stay, because nobody has withdrawn the machine.
  await cluster.remove('MachineBinding', 'checkout');
  await cluster.remove('Member', 'bob');
  // The operator sees that they are gone, and asks the vault again.
  const asked = operator.vault.length;
  await cluster.apply('Project', 'later', { organizationRef: { name: 'acme' } });
  await eventually('the vault to be asked again', () => operator.vault.length > asked || undefined);
  expect(await secrets()).toEqual(before);
  const rows = await statuses(cluster);
  expect(
    rows.find(({ object }) => object === 'Member/alice')?.conditions.find(({ type }) => type === 'Ready')
      ?.status,
  ).toBe('True');
}, 90_000);
