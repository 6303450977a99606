import { describe, expect, inject, onTestFinished, test } from 'vitest';
import {
  type Change,
  createWatcher,
  HttpKubeClient,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  type ResourceType,
  type Watcher,
  type WatcherOptions,
} from '#kube/kube.ts';
import { adminClient, testNamespace } from '#test/control-plane/test-cluster.ts';
import { type FaultyProxy, faultyProxy } from '#test/fakes/kube-proxy.ts';
import { until } from '#test/fakes/kube-until.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}
const CONFIG_MAPS: ResourceType<ConfigMap> = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
const QUICKLY = { baseMs: 20, maxMs: 50 };

async function watching(
  client: KubeClient,
  namespace: string,
  more: Partial<WatcherOptions<ConfigMap>> = {},
): Promise<{ watcher: Watcher<ConfigMap>; changes: string[] }> {
  const watcher = createWatcher<ConfigMap>({
    client,
    type: CONFIG_MAPS,
    namespace,
    labelSelector: 't=x',
    reconnect: QUICKLY,
    ...more,
  });
  const changes: string[] = [];
  watcher.onChange((change: Change<ConfigMap>) =>
    changes.push(`${change.type} ${change.object.metadata.name} ${change.object.data?.v ?? ''}`.trim()),
  );
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  watcher.start(stop.signal);
  await watcher.untilSynced();
  return { watcher, changes };
}

const put = (
  client: KubeClient,
  namespace: string,
  name: string,
  v: string,
  labels: Record<string, string> = { t: 'x' },
) =>
  client.apply(CONFIG_MAPS, { metadata: { namespace, name, labels }, data: { v } }, { fieldManager: 'test' });

async function proxied(): Promise<{ proxy: FaultyProxy; client: KubeClient; list: () => number }> {
  const config = await loadKubeConfig({ path: inject('adminKubeconfig') });
  const proxy = await faultyProxy({ host: config.server.hostname, port: Number(config.server.port) });
  let lists = 0;
  const client = new HttpKubeClient({
    config: { ...config, server: new URL(`https://127.0.0.1:${proxy.port}`) },
    onRequest: ({ verb }) => {
      if (verb === 'list') lists += 1;
    },
  });
  onTestFinished(async () => {
    await client.close();
    await proxy.close();
  });
  return { proxy, client, list: () => lists };
}

describe('a watcher of a real API server', () => {
  test('lists what is there, then follows each change once, and only of the labels asked for', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    await put(admin, namespace, 'before', '1');
    const { watcher, changes } = await watching(admin, namespace);
    expect(changes).toEqual(['added before 1']);
    await put(admin, namespace, 'after', '1');
    await put(admin, namespace, 'after', '2');
    await put(admin, namespace, 'other', '1', { t: 'y' });
    await admin.delete(CONFIG_MAPS, { namespace, name: 'before' });
    // Its label no longer matches: for this watcher it is gone.
    await put(admin, namespace, 'after', '2', { t: 'y' });
    await until('the last change has arrived', () => changes.length >= 5);
    expect(changes).toEqual([
      'added before 1',
      'added after 1',
      'modified after 2',
      'deleted before 1',
      'deleted after 2',
    ]);
    expect(watcher.store.size).toBe(0);
    expect(watcher.state).toBe('live');
  });

  test('metadata only: the cache holds neither data nor managedFields', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    await put(admin, namespace, 'one', 'hidden');
    const { watcher, changes } = await watching(admin, namespace, { metadataOnly: true });
    await put(admin, namespace, 'two', 'hidden');
    await until('the second arrived', () => changes.length === 2);
    expect(JSON.stringify(watcher.store.list())).not.toMatch(/hidden|managedFields/);
  });

  test('goes on without a new list after connections were reset, and misses nothing', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const { proxy, client, list } = await proxied();
    const { watcher, changes } = await watching(client, namespace);
    for (const round of ['1', '2', '3']) {
      await put(admin, namespace, 'one', round);
      proxy.reset();
      await put(admin, namespace, `made-${round}`, round);
    }
    await until(
      'all six have arrived',
      () => watcher.store.size === 4 && watcher.store.get({ namespace, name: 'one' })?.data?.v === '3',
    );
    expect(new Set(changes).size).toBe(changes.length);
    expect(changes.filter((change) => change.startsWith('added')).sort()).toEqual([
      'added made-1 1',
      'added made-2 2',
      'added made-3 3',
      'added one 1',
    ]);
    expect(list()).toBe(1);
  });

  test('an API server that is away for a while leaves the cache readable and reconnects', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    await put(admin, namespace, 'one', '1');
    const { proxy, client } = await proxied();
    const { watcher } = await watching(client, namespace);
    proxy.refuse(true);
    proxy.reset();
    await until('the loss was seen', () => watcher.state === 'reconnecting');
    expect(watcher.hasSynced()).toBe(true);
    await put(admin, namespace, 'one', '2');
    expect(watcher.store.get({ namespace, name: 'one' })?.data).toEqual({ v: '1' });
    proxy.refuse(false);
    await until('it caught up', () => watcher.store.get({ namespace, name: 'one' })?.data?.v === '2');
    expect(watcher.state).toBe('live');
  });

  test('a kind that is not served is missing, never empty, and is found once its CRD is there', async () => {
    const admin = await adminClient();
    const group = `t${Date.now().toString(36)}.example.com`;
    const type: ResourceType = { group, version: 'v1', resource: 'things', kind: 'Thing', namespaced: true };
    const watcher = createWatcher({ client: admin, type, reconnect: { baseMs: 50, maxMs: 100 } });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    watcher.start(stop.signal);
    await until('it is known to be missing', () => watcher.state === 'missing');
    expect(watcher.hasSynced()).toBe(false);
    const crd = {
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    };
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    expect((await admin.request({ method: 'POST', path, body: crd })).status).toBe(201);
    onTestFinished(async () => {
      const client = new HttpKubeClient({
        config: await loadKubeConfig({ path: inject('adminKubeconfig') }),
      });
      await client.request({ method: 'DELETE', path: `${path}/${crd.metadata.name}` });
      await client.close();
    });
    await watcher.untilSynced();
    expect(watcher.state).toBe('live');
  });
});
