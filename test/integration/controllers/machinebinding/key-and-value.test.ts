import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { publicKeyOf } from '#identity/key-pair.ts';
import { SECRETS } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { readyWorld } from './ready-world.ts';
import { createWorld, textOf, VAULT_ID } from './world.ts';

test('a binding gets a key that the vault accepts, mounted whole, and its target holds the value', async () => {
  const world = await readyWorld();

  const identity = await world.secret('api-identity');
  expect(Object.keys(identity?.data ?? {}).sort()).toEqual([
    'api-url',
    'identity.json',
    'machine-id',
    'machine-name',
    'private.pem',
    'public.pem',
    'vault-id',
  ]);
  expect(JSON.parse(textOf(identity, 'identity.json') ?? '')).toEqual({
    machineId: 'machine-api',
    machineName: 'api',
    vaultId: VAULT_ID,
    apiUrl: 'http://localhost:8200',
    privateKeyPath: '/var/run/secrets/seneschal/private.pem',
  });
  const mounted = publicKeyOf(createPrivateKey(textOf(identity, 'private.pem') ?? ''));
  expect(world.vault.registered).toEqual([mounted.fingerprint]);
  expect(identity?.metadata.ownerReferences).toBeUndefined();
  expect(await world.secret('api-identity-next')).toBeUndefined();
  expect(textOf(await world.secret('api-values'), 'password')).toBe('first');
  await until('the Event is written', () => world.requests.includes('create events 201'));
  expect(world.requests).toEqual([
    'get secrets api-identity 404',
    'create secrets api-identity-next 201',
    'get secrets api-identity 404',
    'create secrets api-identity 201',
    'delete secrets api-identity-next 200',
    'create secrets api-values 201',
    'apply-status machinebindings api 200',
    'create events 201',
  ]);
});

test('a value that changes at the vault follows into the target, by one read of the key and one write', async () => {
  const world = await readyWorld();
  await until('its Event is written', () => world.requests.includes('create events 201'));
  world.requests.length = 0;

  world.registry.moveSecrets(`${world.namespace}/acme`, [
    world.vault.set('payments', 'db-password', 'second'),
  ]);
  await until(
    'the target follows',
    async () => textOf(await world.secret('api-values'), 'password') === 'second',
  );
  await until('the Event is written', () => world.requests.includes('create events 201'));
  expect(world.requests).toEqual([
    'get secrets api-identity 200',
    'apply secrets api-values 200',
    'apply-status machinebindings api 200',
    'create events 201',
  ]);
});

test('a restart where nothing moved reads no object and writes nothing', async () => {
  const world = await createWorld();
  world.vault.set('payments', 'db-password', 'first');
  world.publish();
  const stop = await world.startOperator();
  await world.createBinding('api');
  await until('the binding is ready', () => world.isReady('api'));
  await until('its Event is written', () => world.requests.includes('create events 201'));
  await stop();
  world.restarted();
  world.requests.length = 0;
  const syncs = world.vault.syncs.length;

  await world.startOperator();
  world.publish();
  // The second binding is the proof that the first was looked at before it.
  await world.createBinding('zeta', { targets: [] });
  await until('the other binding is ready', () => world.isReady('zeta'));
  expect(world.requests.filter((request) => request.includes('api'))).toEqual([]);
  expect(world.vault.syncs.length).toBe(syncs);
});

test.each([
  ['a value', { data: { password: Buffer.from('edited').toString('base64') } }],
  ['a key added', { data: { extra: Buffer.from('x').toString('base64') } }],
  ['a key removed', { data: { password: null } }],
])('a manual edit of a target is repaired at once: %s', async (_, patch) => {
  const world = await readyWorld();

  await world.admin.patch(SECRETS, { namespace: world.namespace, name: 'api-values' }, patch, {
    fieldManager: 'kubectl-edit',
  });
  await until('the edit is undone', async () => {
    const { data } = (await world.secret('api-values')) ?? {};
    return (
      Object.keys(data ?? {}).join() === 'password' &&
      textOf({ metadata: { name: '' }, ...(data === undefined ? {} : { data }) }, 'password') === 'first'
    );
  });
});
