import { expect, test } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { bind, change, declare, ready, synced, textsOf, worldOf } from './target-world.ts';
import type { World } from './world.ts';

const values = { 'payments/a': '1', 'payments/b': '2' };
const data = ['a', 'b'].map((secret) => ({ project: 'payments', secret }));

/** Somebody deletes a secret in the vault. */
function lose(world: World, name: string): void {
  world.vault.secrets.splice(
    world.vault.secrets.findIndex((secret) => secret.name === name),
    1,
  );
  world.vault.revision += 1;
  world.publish();
}

test.each(['KeepLast', 'Retain'] as const)(
  'by %s what is deleted in the vault stays in the Secret, and the status says so',
  async (deletionPolicy) => {
    const world = await worldOf(values);
    await bind(world, [{ secretName: 'env', data, deletionPolicy }]);
    await ready(world);
    lose(world, 'a');
    expect(await synced(world, 'SecretMissing')).toContain('The Secret keeps its last values');
    expect(await textsOf(world, 'env')).toEqual({ a: '1', b: '2' });
  },
);

test('what is left of a target follows the vault while a value of it is kept', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data }]);
  await ready(world);
  lose(world, 'a');
  await synced(world, 'SecretMissing');
  change(world, 'payments/b', 'new');
  await until('the other follows', async () => (await textsOf(world, 'env'))?.b === 'new');
  expect(await textsOf(world, 'env')).toEqual({ a: '1', b: 'new' });
  const before = (await world.secret('env'))?.metadata.resourceVersion;
  // Another binding that becomes ready proves that passes came by.
  await bind(world, [], 'other');
  await ready(world, 'other');
  expect((await world.secret('env'))?.metadata.resourceVersion).toBe(before);
});

test('a kept value that somebody changed by hand is not taken for the last one', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data }]);
  await ready(world);
  lose(world, 'a');
  await synced(world, 'SecretMissing');
  const edited = { a: Buffer.from('edited').toString('base64') };
  const ref = { namespace: world.namespace, name: 'env' };
  await world.admin.patch(SECRETS, ref, { data: edited }, { fieldManager: 'hand' });
  change(world, 'payments/b', 'new');
  await bind(world, [], 'other');
  await ready(world, 'other');
  expect(await textsOf(world, 'env')).toEqual({ a: 'edited', b: '2' });
  expect(await synced(world, 'SecretMissing')).toContain('payments/a');
});

test('by Delete what is deleted in the vault leaves the Secret, and the status says what is missing', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data, deletionPolicy: 'Delete' }]);
  await ready(world);
  lose(world, 'a');
  await until('it is gone', async () => (await textsOf(world, 'env'))?.a === undefined);
  expect(await textsOf(world, 'env')).toEqual({ b: '2' });
  expect(await synced(world, 'SecretMissing')).toContain('payments/a');
  lose(world, 'b');
  await until(
    'it is empty',
    async () => Object.keys((await textsOf(world, 'env')) ?? { b: '' }).length === 0,
  );
});

test('by Delete a new target waits until all of it is there', async () => {
  const world = await worldOf(values);
  lose(world, 'a');
  await world.createBinding('api', {
    projects: [{ name: 'payments', secrets: ['a', 'b'] }],
    targets: [{ secretName: 'env', data, deletionPolicy: 'Delete' }],
  });
  await synced(world, 'SecretMissing');
  expect(await world.secret('env')).toBeUndefined();
});

test('by Retain the Secret outlives its target, and is the target again once it is declared', async () => {
  const world = await worldOf(values);
  const target = { secretName: 'env', data, deletionPolicy: 'Retain' as const };
  await bind(world, [target]);
  await ready(world);
  const before = await world.secret('env');
  await declare(world, []);
  await until(
    'it is let go',
    async () => (await world.secret('env'))?.metadata.labels?.['seneschal.dev/binding-uid'] === undefined,
  );
  expect(await textsOf(world, 'env')).toEqual({ a: '1', b: '2' });
  await declare(world, [target]);
  await until(
    'it is ours again',
    async () => (await world.secret('env'))?.metadata.labels?.['seneschal.dev/binding-uid'] !== undefined,
  );
  expect((await world.secret('env'))?.metadata.uid).toBe(before?.metadata.uid);
});
