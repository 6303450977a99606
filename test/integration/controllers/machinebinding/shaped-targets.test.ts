import { expect, test } from 'vitest';
import { CONFIG_MAPS, SECRETS } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { bind, change, declare, ready, synced, textsOf, worldOf } from './target-world.ts';

const values = { 'payments/db-user': 'app', 'payments/db-password': 'p@ss', 'payments/other': 'x' };

test('a target holds what is like a pattern, and a template of it that follows the vault', async () => {
  const world = await worldOf(values);
  await bind(world, [
    {
      secretName: 'env',
      from: [{ project: 'payments', names: 'db-*', keys: 'Environment' }],
      templates: [{ key: 'URL', text: 'pg://{{ values.DB_USER }}:{{ values.DB_PASSWORD | url_encode }}@db' }],
    },
  ]);
  await ready(world);
  const before = { DB_USER: 'app', DB_PASSWORD: 'p@ss', URL: 'pg://app:p%40ss@db' };
  expect(await textsOf(world, 'env')).toEqual(before);
  change(world, 'payments/db-password', 'n#w');
  await until('the template follows', async () => (await textsOf(world, 'env'))?.URL === 'pg://app:n%23w@db');
});

test('a template of a ConfigMap of the namespace is used; where it is not there, the status says so', async () => {
  const world = await worldOf(values);
  await bind(world, [
    {
      secretName: 'config',
      data: [{ project: 'payments', secret: 'db-user', templateOnly: true }],
      templates: [{ key: 'app.yaml', configMapRef: { name: 'templates', key: 'app' } }],
    },
  ]);
  expect(await synced(world, 'TemplateMissing')).toContain('ConfigMap templates, key app');
  expect((await world.condition('api', 'KeyIssued'))?.status).toBe('True');
  await world.admin.create(CONFIG_MAPS, {
    metadata: { name: 'templates', namespace: world.namespace },
    data: { app: 'user: {{ values.db-user | json }}' },
  });
  // No watch tells of ConfigMaps: the next pass finds it.
  change(world, 'payments/db-user', 'app2');
  await ready(world);
  expect(await textsOf(world, 'config')).toEqual({ 'app.yaml': 'user: "app2"' });
});

test('another shape of the same values is written, and what is declared no longer is taken out', async () => {
  const world = await worldOf(values);
  const data = [{ project: 'payments', secret: 'db-user', key: 'A' }];
  await bind(world, [
    { secretName: 'env', data, labels: { team: 'a', old: 'x' }, annotations: { 'acme.example/x': 'y' } },
  ]);
  await ready(world);
  expect((await world.secret('env'))?.metadata.labels).toMatchObject({ team: 'a', old: 'x' });
  await declare(world, [{ secretName: 'env', data: [{ ...data[0]!, key: 'B' }], labels: { team: 'b' } }]);
  await until('it has the other key', async () => (await textsOf(world, 'env'))?.B === 'app');
  const secret = await world.secret('env');
  expect(await textsOf(world, 'env')).toEqual({ B: 'app' });
  expect(secret?.metadata.labels).toMatchObject({ team: 'b' });
  expect(secret?.metadata.labels).not.toHaveProperty('old');
  expect(secret?.metadata.annotations).not.toHaveProperty(['acme.example/x']);
});

test('a label of a target that somebody took off is put back at once', async () => {
  const world = await worldOf(values);
  const data = [{ project: 'payments', secret: 'db-user' }];
  await bind(world, [{ secretName: 'env', data, labels: { team: 'a' } }]);
  await ready(world);
  const ref = { namespace: world.namespace, name: 'env' };
  await world.admin.patch(SECRETS, ref, { metadata: { labels: { team: null } } });
  await until('it is back', async () => (await world.secret('env'))?.metadata.labels?.team === 'a');
});

test('a target of another type is made anew, since the API server changes none', async () => {
  const world = await worldOf(values);
  const data = [{ project: 'payments', secret: 'db-password', key: 'password' }];
  await bind(world, [{ secretName: 'login', data }]);
  await ready(world);
  const before = await world.secret('login');
  await declare(world, [{ secretName: 'login', data, type: 'kubernetes.io/basic-auth' }]);
  await until(
    'it has the type',
    async () => (await world.secret('login'))?.type === 'kubernetes.io/basic-auth',
  );
  expect((await world.secret('login'))?.metadata.uid).not.toBe(before?.metadata.uid);
  expect(await textsOf(world, 'login')).toEqual({ password: 'p@ss' });
});
