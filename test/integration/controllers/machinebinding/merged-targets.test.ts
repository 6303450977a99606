import { expect, test } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { bind, change, declare, plantSecret, ready, synced, textsOf, worldOf } from './target-world.ts';

const values = { 'payments/a': '1', 'payments/b': '2' };
const consent = { annotations: { 'seneschal.dev/merge': 'api' }, labels: { theirs: 'yes' } };
const target = (...secrets: string[]) => ({
  secretName: 'shared',
  creationPolicy: 'Merge' as const,
  data: secrets.map((secret) => ({ project: 'payments', secret })),
});

test('keys are merged into a Secret of others that consents, and nothing else of it changes', async () => {
  const world = await worldOf(values);
  await plantSecret(world, 'shared', { own: 'x', username: 'u' }, consent, {
    type: 'kubernetes.io/basic-auth',
  });
  await bind(world, [target('a')]);
  await ready(world);
  expect(await textsOf(world, 'shared')).toEqual({ own: 'x', username: 'u', a: '1' });
  const secret = await world.secret('shared');
  expect(secret?.type).toBe('kubernetes.io/basic-auth');
  expect(secret?.metadata.labels).toMatchObject({ theirs: 'yes' });
  expect(secret?.metadata.labels).not.toHaveProperty(['app.kubernetes.io/managed-by']);
  change(world, 'payments/a', 'new');
  await until('the value follows', async () => (await textsOf(world, 'shared'))?.a === 'new');
  expect(await textsOf(world, 'shared')).toEqual({ own: 'x', username: 'u', a: 'new' });
});

test('without the annotation, or with that of another binding, nothing is written, and it is said which to set', async () => {
  const world = await worldOf(values);
  const planted = await plantSecret(
    world,
    'shared',
    { own: 'x' },
    { annotations: { 'seneschal.dev/merge': 'other' } },
  );
  await bind(world, [target('a')]);
  expect(await synced(world, 'MergeNotConsented')).toContain(
    'set its annotation seneschal.dev/merge: api, which names other now',
  );
  expect((await world.secret('shared'))?.metadata.resourceVersion).toBe(planted.metadata.resourceVersion);
  expect((await world.condition('api', 'KeyIssued'))?.status).toBe('True');
});

test('a Secret that is not there is not made', async () => {
  const world = await worldOf(values);
  await bind(world, [target('a')]);
  expect(await synced(world, 'MergeTargetMissing')).toContain('there is no Secret shared to merge into');
  expect(await world.secret('shared')).toBeUndefined();
});

test('a key that somebody else has is not taken, and whose it is is told', async () => {
  const world = await worldOf(values);
  const planted = await plantSecret(world, 'shared', { a: 'theirs' }, consent);
  await bind(world, [target('a', 'b')]);
  expect(await synced(world, 'KeyOfAnother')).toContain('Secret shared has a (of team) of somebody else');
  expect((await world.secret('shared'))?.metadata.resourceVersion).toBe(planted.metadata.resourceVersion);
});

test('a key of ours that somebody changes by hand is repaired at once, and what others add stays', async () => {
  const world = await worldOf(values);
  await plantSecret(world, 'shared', { own: 'x' }, consent);
  await bind(world, [target('a')]);
  await ready(world);
  const data = { a: Buffer.from('edited').toString('base64'), more: Buffer.from('m').toString('base64') };
  await world.admin.patch(
    SECRETS,
    { namespace: world.namespace, name: 'shared' },
    { data },
    { fieldManager: 'hand' },
  );
  await until('the edit is undone', async () => (await textsOf(world, 'shared'))?.a === '1');
  expect(await textsOf(world, 'shared')).toEqual({ own: 'x', more: 'm', a: '1' });
});

test('only keys of ours are taken back: one that is declared no longer, and all with the target', async () => {
  const world = await worldOf(values);
  await plantSecret(world, 'shared', { own: 'x' }, consent);
  await bind(world, [target('a', 'b')]);
  await ready(world);
  await declare(world, [target('b')]);
  await until('a is taken back', async () => (await textsOf(world, 'shared'))?.a === undefined);
  expect(await textsOf(world, 'shared')).toEqual({ own: 'x', b: '2' });
  await declare(world, []);
  await until('b is taken back', async () => (await textsOf(world, 'shared'))?.b === undefined);
  const left = await world.secret('shared');
  expect(await textsOf(world, 'shared')).toEqual({ own: 'x' });
  expect(left?.metadata.labels).toEqual({ theirs: 'yes' });
  expect(left?.metadata.annotations).toEqual({ 'seneschal.dev/merge': 'api' });
});

test('a binding that is gone leaves the Secret of others without its keys', async () => {
  const world = await worldOf(values);
  await plantSecret(world, 'shared', { own: 'x' }, consent);
  await bind(world, [target('a')]);
  await ready(world);
  await world.deleteBinding('api');
  world.vault.machines.delete('api');
  world.vault.revision += 1;
  world.publish();
  await until('it is taken back', async () => (await textsOf(world, 'shared'))?.a === undefined);
  expect(await textsOf(world, 'shared')).toEqual({ own: 'x' });
});
