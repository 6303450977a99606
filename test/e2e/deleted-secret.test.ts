import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import { readyTeam, untilReady, untilSays } from './world/team.ts';

const DELETED = '/projects/payments/secrets/db-password?confirm=db-password';
const generator = { length: 24 };

it('keeps a deleted secret deleted and pods their value, until reinstate gives the value back, or another one (rail 7)', async () => {
  const { cluster, vault, operator } = await readyTeam([], 'checkout');
  const { admin, namespace } = cluster;
  const valueOfTarget = async () =>
    (await admin.get(SECRETS, { namespace, name: 'checkout-env' })).data?.['db-password'];
  const entry = async (): Promise<string> => {
    const cut = (await vault.observe()).tombstones.find(({ act }) => act === 'SecretDeleted');
    if (cut === undefined) throw new Error('no tombstone of the secret');
    return cut.entry;
  };
  const declare = (answer: object) =>
    cluster.apply('Project', 'payments', {
      organizationRef: { name: 'acme' },
      secrets: [{ name: 'db-password', generator, ...answer }],
    });
  const before = await valueOfTarget();
  expect(before).toBeDefined();

  await vault.asOwner('DELETE', DELETED);
  const said = await untilSays(cluster, 'Project/payments', 'Ready=False/ReinstateNeeded', operator);
  expect(said).toContain(await entry());
  await untilSays(cluster, 'Project/payments', 'Stalled=True/ReinstateNeeded', operator);
  const kept = await untilSays(
    cluster,
    'MachineBinding/checkout',
    'SecretsSynced=False/SecretMissing',
    operator,
  );
  expect(kept).toContain('The Secret keeps its last values');
  // Another change wakes the pass once more; nothing is made.
  await cluster.apply('Project', 'other', { organizationRef: { name: 'acme' } });
  await untilSays(cluster, 'Project/other', 'Ready=True/Succeeded', operator);
  expect((await vault.observe()).secrets).toEqual([]);
  expect(await valueOfTarget()).toBe(before);

  await declare({ reinstate: await entry() });
  await untilReady(cluster, operator);
  expect(await valueOfTarget()).toBe(before);

  await vault.asOwner('DELETE', DELETED);
  await untilSays(cluster, 'Project/payments', 'Stalled=True/ReinstateNeeded', operator);
  await declare({ reinstate: await entry(), reinstateAs: 'NewValue' });
  await eventually('another value', async () => ((await valueOfTarget()) !== before ? true : undefined), {
    explain: async () => [operator.log, operator.vault],
  });
  await untilReady(cluster, operator);
  expect((await vault.observe()).secrets).toMatchObject([{ name: 'db-password', version: 2 }]);
});
