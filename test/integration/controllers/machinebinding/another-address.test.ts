import { expect, test } from 'vitest';
import { until } from '#test/fakes/kube-until.ts';
import { runningWorld } from './ready-world.ts';

test('an Organization that is connected to another address uses, rewrites and deletes no Secret of the one before', async () => {
  const { world, end } = await runningWorld();
  await end();
  const versions = () =>
    Promise.all(
      ['api-identity', 'api-values'].map(
        async (name) => (await world.secret(name))?.metadata.resourceVersion ?? 'gone',
      ),
    );
  const before = await versions();
  const syncs = world.vault.syncs.length;

  const { vaultId } = world.vault.provider.address;
  Object.assign(world.vault.provider, { address: { url: 'https://elsewhere.test', vaultId } });
  await world.startOperator();
  world.publish();
  await until('it is stalled', async () => {
    const stalled = await world.condition('api', 'Stalled');
    return stalled?.status === 'True' && stalled.reason === 'SecretConflict';
  });
  expect(await versions()).toEqual(before);
  expect(world.vault.syncs.length).toBe(syncs);
  expect(world.vault.registered).toHaveLength(1);
});
