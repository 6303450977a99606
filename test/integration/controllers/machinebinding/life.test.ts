import { expect, test } from 'vitest';
import { MACHINE_BINDINGS } from '#controllers/resources.ts';
import { until } from '#test/fakes/kube-until.ts';
import { readyWorld } from './ready-world.ts';
import { textOf } from './world.ts';

test('the Secrets of a deleted binding stay while the vault has its machine, and go when it was withdrawn', async () => {
  const world = await readyWorld();
  await world.deleteBinding('api');
  world.publish();
  // A rail holds the loss: another binding that becomes ready proves that the pass came by.
  await world.createBinding('other', { targets: [] });
  await until('the other binding is ready', () => world.isReady('other'));
  expect(await world.secret('api-identity')).toBeDefined();
  expect(await world.secret('api-values')).toBeDefined();

  world.vault.machines.delete('api');
  world.vault.revision += 1;
  world.publish();
  await until('the Secrets are gone', async () => {
    const left = await Promise.all(['api-identity', 'api-values'].map((name) => world.secret(name)));
    return left.every((secret) => secret === undefined);
  });
});

test('a binding that was deleted and came back goes on with its key and its targets', async () => {
  const world = await readyWorld();
  const before = await world.secret('api-identity');
  await world.deleteBinding('api');
  await world.createBinding('api');
  await until('the binding is ready', () => world.isReady('api'));
  const after = await world.secret('api-identity');
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
  expect(textOf(after, 'private.pem')).toBe(textOf(before, 'private.pem'));
  expect(world.vault.registered).toHaveLength(1);
  const uid = (await world.binding('api'))?.metadata.uid;
  await until("the target is marked as the new object's", async () => {
    return (await world.secret('api-values'))?.metadata.labels?.['seneschal.dev/binding-uid'] === uid;
  });
});

test('a target that the spec has no more is deleted, one that asks for a missing secret says what to do', async () => {
  const world = await readyWorld();
  const item = { project: 'payments', secret: 'db-password', key: 'password' };
  await world.admin.patch(
    MACHINE_BINDINGS,
    { namespace: world.namespace, name: 'api' },
    {
      spec: {
        targets: [
          { secretName: 'renamed', data: [item] },
          { secretName: 'incomplete', data: [item, { project: 'payments', secret: 'nowhere' }] },
        ],
      },
    },
  );
  await until('the old target is gone', async () => (await world.secret('api-values')) === undefined);
  await until('the new target is there', async () => (await world.secret('renamed')) !== undefined);
  await until(
    'it is said',
    async () => (await world.condition('api', 'SecretsSynced'))?.reason === 'SecretMissing',
  );
  expect(await world.secret('incomplete')).toBeUndefined();
  expect((await world.condition('api', 'Ready'))?.status).toBe('False');
  expect((await world.condition('api', 'Reconciling'))?.message).toContain('payments/nowhere');
});

test('a suspended binding is left alone', async () => {
  const world = await readyWorld();
  await until('the Event is written', () => world.requests.includes('create events 201'));
  world.requests.length = 0;
  await world.admin.patch(
    MACHINE_BINDINGS,
    { namespace: world.namespace, name: 'api' },
    { spec: { suspend: true } },
  );
  await until('the status is written', () => world.requests.includes('apply-status machinebindings api 200'));
  await until('it says so', async () => (await world.condition('api', 'Suspended'))?.status === 'True');
  world.requests.length = 0;
  world.registry.moveSecrets(`${world.namespace}/acme`, [
    world.vault.set('payments', 'db-password', 'second'),
  ]);
  await world.createBinding('other', { targets: [] });
  await until('another binding is ready', () => world.isReady('other'));
  expect(world.requests.filter((request) => request.includes('api'))).toEqual([]);
  expect(textOf(await world.secret('api-values'), 'password')).toBe('first');
});
