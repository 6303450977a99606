import { expect, test } from 'vitest';
import { SECRETS, type Secret } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { createWorld, enableSecrets, textOf, type World } from './world.ts';

function plant(world: World, name: string, metadata: Partial<Secret['metadata']> = {}): Promise<Secret> {
  const data = { 'private.pem': Buffer.from('planted').toString('base64') };
  return world.admin.create(SECRETS, { metadata: { name, namespace: world.namespace, ...metadata }, data });
}

async function stalledWith(world: World, reason: string): Promise<void> {
  await until(`it is stalled with ${reason}`, async () => {
    const stalled = await world.condition('api', 'Stalled');
    return stalled?.status === 'True' && stalled.reason === reason;
  });
}

test.each(['api-identity', 'api-identity-next'])(
  'a planted Secret %s is never used and never overwritten',
  async (name) => {
    const world = await createWorld();
    const planted = await plant(world, name);
    await world.startOperator();
    world.publish();
    await world.createBinding('api');
    await stalledWith(world, 'SecretConflict');
    expect((await world.secret(name))?.metadata.resourceVersion).toBe(planted.metadata.resourceVersion);
    expect(world.vault.registered).toEqual([]);
    expect(
      world.requests.filter((request) =>
        /^(create|replace|apply|patch|delete) secrets .* 20\d$/.test(request),
      ),
    ).toEqual([]);
  },
);

test('a planted staging Secret with the label of the binding and a seal of somebody else is never used', async () => {
  const world = await createWorld({ grants: [] });
  await world.startOperator();
  await world.createBinding('api', { suspend: true, targets: [] });
  const uid = (await world.binding('api'))?.metadata.uid ?? '';
  await plant(world, 'api-identity-next', {
    labels: { 'seneschal.dev/binding-uid': uid, 'seneschal.dev/role': 'staging' },
    annotations: {
      'seneschal.dev/binding': 'api',
      'seneschal.dev/machine-name': 'api',
      'seneschal.dev/public-key': Buffer.alloc(32, 7).toString('base64'),
      'seneschal.dev/seal': `0123456789abcdef:${'0'.repeat(64)}`,
    },
  });
  await world.admin.request({
    method: 'PATCH',
    path: `/apis/seneschal.dev/v1alpha1/namespaces/${world.namespace}/machinebindings/api`,
    contentType: 'application/merge-patch+json',
    body: { spec: { suspend: false } },
  });
  await stalledWith(world, 'SecretConflict');
  expect(world.vault.registered).toEqual([]);
});

test("a foreign Secret of a target's name is not overwritten, and the other targets go on", async () => {
  const world = await createWorld();
  world.vault.set('payments', 'db-password', 'first');
  const planted = await plant(world, 'taken');
  await world.startOperator();
  world.publish();
  const data = [{ project: 'payments', secret: 'db-password', key: 'password' }];
  await world.createBinding('api', {
    targets: [
      { secretName: 'taken', data },
      { secretName: 'free', data },
    ],
  });
  await stalledWith(world, 'SecretConflict');
  expect((await world.secret('taken'))?.metadata.resourceVersion).toBe(planted.metadata.resourceVersion);
  expect(textOf(await world.secret('free'), 'password')).toBe('first');
});

test('a namespace without the RoleBinding is told the command, and goes on once it is there', async () => {
  const world = await createWorld({ enabled: false });
  world.vault.set('payments', 'db-password', 'first');
  await world.startOperator();
  world.publish();
  await world.createBinding('api');
  await stalledWith(world, 'NamespaceNotEnabled');
  expect((await world.condition('api', 'Ready'))?.message).toContain(
    `kubectl create rolebinding seneschal-secrets --namespace ${world.namespace}`,
  );
  expect(world.vault.registered).toEqual([]);
  await enableSecrets(world.admin, world.namespace);
  await until('the binding is ready', () => world.isReady('api'));
});

test('a namespace whose quota leaves no room is named as such, and goes on once there is room', async () => {
  const world = await createWorld();
  world.vault.set('payments', 'db-password', 'first');
  await world.startOperator();
  const path = `/api/v1/namespaces/${world.namespace}/resourcequotas`;
  const full = { hard: { 'count/secrets': '1' }, used: { 'count/secrets': '1' } };
  await world.admin.request({
    method: 'POST',
    path,
    body: { metadata: { name: 'few' }, spec: { hard: full.hard } },
  });
  // No controller counts here: what it would have found is set by hand.
  await world.admin.request({
    method: 'PATCH',
    path: `${path}/few/status`,
    contentType: 'application/merge-patch+json',
    body: { status: full },
  });
  world.publish();
  await world.createBinding('api');
  await stalledWith(world, 'NamespaceQuotaReached');
  expect((await world.condition('api', 'Ready'))?.message).toContain('ResourceQuota');
  expect(world.vault.registered).toEqual([]);
  await world.admin.request({ method: 'DELETE', path: `${path}/few` });
  await world.admin.request({
    method: 'PATCH',
    path: `/apis/seneschal.dev/v1alpha1/namespaces/${world.namespace}/machinebindings/api`,
    contentType: 'application/merge-patch+json',
    body: { spec: { suspend: false } },
  });
  await until('the binding is ready', () => world.isReady('api'));
});
