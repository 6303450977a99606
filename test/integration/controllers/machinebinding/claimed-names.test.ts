import { expect, test } from 'vitest';
import { until } from '#test/fakes/kube-until.ts';
import { bind, change, declare, ready, synced, textsOf, worldOf } from './target-world.ts';

const values = { 'payments/a': '1' };
const data = [{ project: 'payments', secret: 'a' }];

test('two bindings that claim one Secret for a target each name the other, and none writes it', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'env', data }]);
  await ready(world);
  await bind(world, [{ secretName: 'env', data }], 'other');
  expect(await synced(world, 'Conflict')).toContain(`MachineBinding ${world.namespace}/other`);
  expect(await synced(world, 'Conflict', 'other')).toContain(`MachineBinding ${world.namespace}/api`);
  change(world, 'payments/a', '2');
  await bind(world, [], 'third');
  await ready(world, 'third');
  expect(await textsOf(world, 'env')).toEqual({ a: '1' });
  // Once one of them lets go, the other goes on by itself.
  await declare(world, []);
  await ready(world, 'other');
  expect(await textsOf(world, 'env')).toEqual({ a: '2' });
});

test('a target that is the key Secret of another binding is refused, and that key goes on', async () => {
  const world = await worldOf(values);
  await bind(world, []);
  await ready(world);
  const key = await world.secret('api-identity');
  await bind(world, [{ secretName: 'api-identity', data }], 'other');
  await synced(world, 'Conflict', 'other');
  expect(await synced(world, 'Conflict')).toContain(`MachineBinding ${world.namespace}/other`);
  expect((await world.condition('api', 'KeyIssued'))?.status).toBe('True');
  expect((await world.condition('other', 'KeyIssued'))?.status).toBe('True');
  expect((await world.secret('api-identity'))?.metadata.resourceVersion).toBe(key?.metadata.resourceVersion);
});

test('for a key Secret that another binding claims no key is made', async () => {
  const world = await worldOf(values);
  await bind(world, [{ secretName: 'other-identity', data }]);
  await ready(world);
  await bind(world, [], 'other');
  await until(
    'the key waits',
    async () => (await world.condition('other', 'KeyIssued'))?.reason === 'Conflict',
  );
  expect(world.vault.registered).toHaveLength(1);
});

test('a failing target leaves the others and the key alone, and is named', async () => {
  const world = await worldOf(values);
  const docker = { type: 'kubernetes.io/dockerconfigjson' as const };
  await bind(world, [
    { secretName: 'registry', data: [{ ...data[0]!, key: '.dockerconfigjson' }], ...docker },
    { secretName: 'env', data },
  ]);
  expect(await synced(world, 'ValueUnfit')).toBe(
    'Secret registry: .dockerconfigjson is no JSON object with auths',
  );
  expect(await textsOf(world, 'env')).toEqual({ a: '1' });
  expect((await world.condition('api', 'KeyIssued'))?.status).toBe('True');
  expect((await world.condition('api', 'Stalled'))?.reason).toBe('ValueUnfit');
});
