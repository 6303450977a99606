import { expect, test } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { bind, change, declare, ready, synced, textsOf, worldOf } from './target-world.ts';
import type { World } from './world.ts';

const values = { 'payments/a': '1' };
const data = [{ project: 'payments', secret: 'a' }];

async function namesOf(world: World): Promise<string[]> {
  const { items } = await world.admin.listMetadata(SECRETS, { namespace: world.namespace });
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('env'));
}

async function current(world: World): Promise<string> {
  const status = (await world.binding('api'))?.status as { targets?: { current?: string }[] } | undefined;
  return status?.targets?.[0]?.current ?? '';
}

test('each content is an immutable Secret with a name of its own, which the status tells', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data, immutable: true }]);
  await ready(world);
  const first = await current(world);
  expect(first).toMatch(/^env-[0-9a-f]{10}$/);
  expect((await world.secret(first))?.immutable).toBe(true);
  change(world, 'payments/a', '2');
  await until('there is another', async () => (await current(world)) !== first);
  expect(await textsOf(world, await current(world))).toEqual({ a: '2' });
  expect(await textsOf(world, first)).toEqual({ a: '1' });
  // The same content again has the same name.
  change(world, 'payments/a', '1');
  await until('the first is current again', async () => (await current(world)) === first);
  expect(await namesOf(world)).toHaveLength(2);
});

test('the newest three stay', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data, immutable: true }]);
  await ready(world);
  for (const value of ['2', '3', '4', '5']) {
    const before = await current(world);
    change(world, 'payments/a', value);
    await until('there is another', async () => (await current(world)) !== before);
  }
  await until('older ones are gone', async () => (await namesOf(world)).length === 3);
  expect(await namesOf(world)).toContain(await current(world));
});

test('one that somebody deletes is made again under its name; all go with the target', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data, immutable: true }]);
  await ready(world);
  const name = await current(world);
  await world.admin.delete(SECRETS, { namespace: world.namespace, name });
  await until('it is there again', async () => (await world.secret(name)) !== undefined);
  await declare(world, []);
  await until('it is gone', async () => (await namesOf(world)).length === 0);
});

test('a target that somebody made immutable by hand is named, with what to do', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data }]);
  await ready(world);
  await world.admin.patch(SECRETS, { namespace: world.namespace, name: 'env' }, { immutable: true });
  change(world, 'payments/a', '2');
  expect(await synced(world, 'SecretImmutable')).toContain('delete it and it is made anew');
  expect((await world.condition('api', 'KeyIssued'))?.status).toBe('True');
  await world.admin.delete(SECRETS, { namespace: world.namespace, name: 'env' });
  await ready(world);
  expect(await textsOf(world, 'env')).toEqual({ a: '2' });
});
