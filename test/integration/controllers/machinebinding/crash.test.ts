import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { publicKeyOf } from '#identity/key-pair.ts';
import { until } from '#test/fakes/kube-until.ts';
import { readyWorld } from './ready-world.ts';
import { createWorld, textOf, type World } from './world.ts';

async function mountedFingerprint(world: World): Promise<string> {
  const pem = textOf(await world.secret('api-identity'), 'private.pem') ?? '';
  return publicKeyOf(createPrivateKey(pem)).fingerprint;
}

test.each([0, 1, 2, 3, 4, 5])(
  'killed after write %i, the next operator goes on with the same key (design §8)',
  async (writes) => {
    const world = await createWorld();
    world.vault.set('payments', 'db-password', 'first');
    world.publish();
    const stop = await world.startOperator({ killAtWrite: writes });
    await world.createBinding('api');
    await until('it is killed', async () => {
      const staged = await world.secret('api-identity-next');
      const mounted = await world.secret('api-identity');
      const target = await world.secret('api-values');
      if (writes === 0) return true;
      if (writes === 1) return staged !== undefined;
      if (writes === 2) return mounted !== undefined;
      if (writes === 3) return mounted !== undefined && staged === undefined;
      return (
        target !== undefined &&
        (writes === 4 || world.requests.some((request) => request.startsWith('apply-status')))
      );
    });
    await stop();
    world.restarted();
    await world.startOperator();
    world.publish();
    await until('the binding is ready', () => world.isReady('api'));

    expect(world.vault.registered).toEqual([await mountedFingerprint(world)]);
    expect(await world.secret('api-identity-next')).toBeUndefined();
    expect(textOf(await world.secret('api-values'), 'password')).toBe('first');
  },
);

test('two operators at once issue one key', async () => {
  const world = await createWorld();
  world.vault.set('payments', 'db-password', 'first');
  world.publish();
  await world.startOperator();
  await world.startOperator();
  await world.createBinding('api');
  await until('the binding is ready', () => world.isReady('api'));
  await until('nothing is staged', async () => (await world.secret('api-identity-next')) === undefined);
  expect(world.vault.registered).toEqual([await mountedFingerprint(world)]);
});

test('a lost private half leads to a new key in the free slot', async () => {
  const world = await readyWorld();
  const lost = await mountedFingerprint(world);
  await world.admin.request({
    method: 'DELETE',
    path: `/api/v1/namespaces/${world.namespace}/secrets/api-identity`,
  });
  await until('a key is mounted again', async () => (await world.secret('api-identity')) !== undefined);
  expect(world.vault.registered).toEqual([lost, await mountedFingerprint(world)]);
  expect(world.vault.machines.get('api')?.keys).toHaveLength(2);
});
