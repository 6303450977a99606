import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createNamespaceSetWatcher,
  type KubeClient,
  type MetadataOnly,
  type NamespaceSetWatcher,
  type ResourceType,
  SECRETS,
} from '#kube/kube.ts';
import { grantInNamespace } from '#test/control-plane/access.ts';
import {
  adminClient,
  testClient,
  testNamespace,
  testServiceAccount,
} from '#test/control-plane/test-cluster.ts';
import { until } from '#test/fakes/kube-until.ts';

const LABEL = { managed: 'yes' };
const METADATA: ResourceType<MetadataOnly> = SECRETS;
const READ = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }];

function watching(
  client: KubeClient,
  ...namespaces: string[]
): { watcher: NamespaceSetWatcher; changes: string[] } {
  const watcher = createNamespaceSetWatcher({
    client,
    type: METADATA,
    metadataOnly: true,
    labelSelector: 'managed=yes',
    reconnect: { baseMs: 20, maxMs: 50 },
    slowly: { baseMs: 50, maxMs: 100 },
  });
  const changes: string[] = [];
  watcher.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  watcher.setNamespaces(namespaces);
  watcher.start(stop.signal);
  return { watcher, changes };
}

describe('Secrets in a set of namespaces, by RBAC a namespace', () => {
  test('where they may not be read, a Secret is unknown because it is forbidden, and never absent', async () => {
    const admin = await adminClient();
    const [home, open, closed] = await Promise.all([
      testNamespace(admin),
      testNamespace(admin),
      testNamespace(admin),
    ]);
    const operator = await testServiceAccount(admin, home, 'operator');
    await grantInNamespace(
      admin,
      open,
      'secrets',
      { kind: 'ServiceAccount', namespace: home, name: 'operator' },
      READ,
    );
    for (const namespace of [open, closed])
      await admin.create(SECRETS, { metadata: { namespace, name: 'mine', labels: LABEL } });

    const { watcher, changes } = watching(await testClient(operator), open, closed);
    await until('both states are known', () => watcher.hasSynced());
    expect(watcher.lookup({ namespace: open, name: 'mine' })).toMatchObject({ found: 'present' });
    expect(watcher.lookup({ namespace: open, name: 'none' })).toEqual({ found: 'absent' });
    expect(watcher.lookup({ namespace: closed, name: 'mine' })).toEqual({
      found: 'unknown',
      because: 'forbidden',
    });
    expect(watcher.lookup({ namespace: closed, name: 'none' })).toEqual({
      found: 'unknown',
      because: 'forbidden',
    });
    expect(watcher.lookup({ namespace: home, name: 'mine' })).toEqual({
      found: 'unknown',
      because: 'unwatched',
    });
    expect(changes).toEqual(['added mine']);

    await grantInNamespace(
      admin,
      closed,
      'secrets',
      { kind: 'ServiceAccount', namespace: home, name: 'operator' },
      READ,
    );
    await until('the new RoleBinding was noticed', () => watcher.state(closed) === 'live');
    expect(watcher.lookup({ namespace: closed, name: 'mine' })).toMatchObject({ found: 'present' });
  });

  test('a namespace that leaves the set is forgotten without a deletion, and one that joins is read', async () => {
    const admin = await adminClient();
    const [first, second] = await Promise.all([testNamespace(admin), testNamespace(admin)]);
    await admin.create(SECRETS, { metadata: { namespace: first, name: 'one', labels: LABEL } });
    await admin.create(SECRETS, { metadata: { namespace: second, name: 'two', labels: LABEL } });
    const { watcher, changes } = watching(admin, first);
    await until('the first is read', () => changes.length === 1);
    watcher.setNamespaces([second]);
    expect(watcher.hasSynced()).toBe(false);
    await until('the second is read', () => changes.length === 2);
    expect(changes).toEqual(['added one', 'added two']);
    expect(watcher.store.list().map(({ metadata }) => metadata.name)).toEqual(['two']);
    expect(watcher.lookup({ namespace: first, name: 'one' })).toEqual({
      found: 'unknown',
      because: 'unwatched',
    });
  });
});
