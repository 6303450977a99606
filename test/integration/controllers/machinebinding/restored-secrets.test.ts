import { expect, test } from 'vitest';
import { SECRETS, type Secret } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { readyWorld, runningWorld } from './ready-world.ts';
import { copyOf, kept } from './secret-copies.ts';
import { createWorld, textOf, type World } from './world.ts';

const NAMES = ['api-identity', 'api-values'] as const;

async function saved(world: World): Promise<Secret[]> {
  const secrets = await Promise.all(NAMES.map((name) => world.secret(name)));
  return secrets.map((secret) => {
    if (secret === undefined) throw new Error('a Secret is missing');
    return kept(secret);
  });
}

test('Secrets that a backup restores before their binding, which has a new UID, are taken over with their key', async () => {
  const world = await readyWorld();
  const backup = await saved(world);
  await world.deleteBinding('api');
  for (const name of NAMES) await world.admin.delete(SECRETS, { namespace: world.namespace, name });
  await world.createBinding('between', { targets: [] });
  await until('the operator looked', () => world.isReady('between'));

  for (const secret of backup) await world.admin.create(SECRETS, secret);
  await world.createBinding('after', { targets: [] });
  await until('the operator looked again', () => world.isReady('after'));
  await world.createBinding('api');
  await until('the binding is ready', () => world.isReady('api'));

  const uid = (await world.binding('api'))?.metadata.uid;
  const restored = await saved(world);
  expect(restored.map(({ data }) => data)).toEqual(backup.map(({ data }) => data));
  expect(restored.map(({ metadata }) => metadata.labels?.['seneschal.dev/binding-uid'])).toEqual([uid, uid]);
  expect(world.vault.machines.get('api')?.keys).toHaveLength(1);
});

test('Secrets that are restored into another namespace, before their binding, are neither used nor changed there', async () => {
  const from = await readyWorld();
  const to = await createWorld();
  // One operator: the same installation key, and the same machine at the vault.
  await copyOf(from, 'seneschal-installation', { namespace: to.namespace });
  const machine = from.vault.machines.get('api');
  if (machine === undefined) throw new Error('the machine is not registered');
  to.vault.set('payments', 'db-password', 'first');
  to.vault.machines.set('api', { ...machine, keys: [...machine.keys] });
  to.publish();
  await to.startOperator();
  const copies = await Promise.all(NAMES.map((name) => copyOf(from, name, { namespace: to.namespace })));
  await to.createBinding('other', { targets: [] });
  await until('the operator looked', () => to.isReady('other'));
  await to.createBinding('api');
  await until('it is stalled', async () => {
    const stalled = await to.condition('api', 'Stalled');
    return stalled?.status === 'True' && stalled.reason === 'SecretConflict';
  });
  for (const { metadata } of copies) {
    expect((await to.secret(metadata.name))?.metadata.resourceVersion).toBe(metadata.resourceVersion);
  }
  expect(to.vault.machines.get('api')?.keys).toEqual(machine.keys);
  expect(await to.secret('api-identity-next')).toBeUndefined();
});

test('with the installation key lost, a key that the vault accepts is taken over, and a target that holds what would be written', async () => {
  const data = [{ project: 'payments', secret: 'db-password', key: 'password' }];
  const { world, end } = await runningWorld({
    targets: [
      { secretName: 'api-values', data },
      { secretName: 'changed-values', data },
    ],
  });
  await end();
  const { admin, namespace } = world;
  const before = await saved(world);
  await admin.delete(SECRETS, { namespace, name: 'seneschal-installation' });
  const changed = await admin.patch<Secret>(
    SECRETS,
    { namespace, name: 'changed-values' },
    { data: { password: Buffer.from('theirs').toString('base64') } },
    { fieldManager: 'kubectl-edit' },
  );

  await world.startOperator();
  world.publish();
  await until('the changed target is a conflict', async () => {
    const synced = await world.condition('api', 'SecretsSynced');
    return synced?.reason === 'SecretConflict' && synced.message.includes('changed-values');
  });
  const after = await saved(world);
  expect(after.map((secret) => secret.data)).toEqual(before.map((secret) => secret.data));
  const sealsOf = (secrets: readonly Secret[]) =>
    secrets.map(({ metadata }) => metadata.annotations?.['seneschal.dev/seal']);
  for (const [index, seal] of sealsOf(after).entries()) expect(seal).not.toBe(sealsOf(before)[index]);
  expect(world.vault.registered).toHaveLength(1);
  const left = await world.secret('changed-values');
  expect(left?.metadata.resourceVersion).toBe(changed.metadata.resourceVersion);
  expect(textOf(left, 'password')).toBe('theirs');
});
