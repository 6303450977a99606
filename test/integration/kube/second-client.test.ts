import {
  CoreV1Api,
  PatchStrategy,
  KubeConfig as SecondConfig,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type KubeClient, type KubeObject, type ResourceType, SECRETS } from '#kube/kube.ts';
import { adminClient, testNamespace } from '#test/control-plane/test-cluster.ts';
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
const APPLY = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

let ours: KubeClient;
let second: CoreV1Api;
let secondConfig: SecondConfig;
let namespace: string;

beforeEach(async () => {
  ours = await adminClient();
  namespace = await testNamespace(ours);
  secondConfig = new SecondConfig();
  secondConfig.loadFromFile(inject('adminKubeconfig'));
  second = secondConfig.makeApiClient(CoreV1Api);
});

/** What two clients must agree on; client-node makes Dates of times. */
const gist = ({ metadata, data }: ConfigMap | V1ConfigMap) => ({
  name: metadata?.name,
  uid: metadata?.uid,
  resourceVersion: metadata?.resourceVersion,
  labels: metadata?.labels,
  managers: metadata?.managedFields?.map(({ manager, operation, subresource }) => [
    manager,
    operation,
    subresource,
  ]),
  data,
});

const applyByOurs = (name: string, data: Record<string, string>, force = false) =>
  ours.apply(CONFIG_MAPS, { metadata: { namespace, name }, data }, { fieldManager: 'ours', force });

const applyBySecond = (name: string, data: Record<string, string>, force = false) =>
  second.patchNamespacedConfigMap(
    {
      namespace,
      name,
      fieldManager: 'second',
      force,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data },
    },
    APPLY,
  );

const readBySecond = (name: string) => second.readNamespacedConfigMap({ namespace, name });

describe('list', () => {
  test('both give the same objects, page by page or at once, by label or by field', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const metadata = { namespace, name, labels: { t: name < 'd' ? 'x' : 'y' } };
      if (name < 'c') await ours.create(CONFIG_MAPS, { metadata, data: { from: 'ours' } });
      else
        await second.createNamespacedConfigMap({ namespace, body: { metadata, data: { from: 'second' } } });
    }
    const selections = [
      // A cluster with all its controllers puts this one into every namespace.
      { fieldSelector: 'metadata.name!=kube-root-ca.crt' },
      ...['t', 't=x', 't in (y)', 't,t notin (x)'].map((labelSelector) => ({ labelSelector })),
    ];
    for (const selection of selections) {
      const bySecond = await second.listNamespacedConfigMap({ namespace, ...selection });
      const byOurs = await ours.list(CONFIG_MAPS, { namespace, limit: 2, ...selection });
      expect(byOurs.items.map(gist)).toEqual(bySecond.items.map(gist));
      const metadata = await ours.listMetadata(CONFIG_MAPS, { namespace, ...selection });
      expect(metadata.items.map((item) => item.metadata.uid)).toEqual(
        bySecond.items.map((item) => item.metadata?.uid),
      );
    }
  });

  test('a Secret that ours wrote is the same bytes to client-node, and the other way round', async () => {
    const data = { key: Buffer.from([0, 1, 254, 255]).toString('base64') };
    await ours.create(SECRETS, { metadata: { namespace, name: 'ours' }, type: 'Opaque', data });
    await second.createNamespacedSecret({
      namespace,
      body: { metadata: { name: 'second' }, type: 'Opaque', data },
    });
    expect((await second.readNamespacedSecret({ namespace, name: 'ours' })).data).toEqual(data);
    expect((await ours.get(SECRETS, { namespace, name: 'second' })).data).toEqual(data);
  });
});

describe('apply', () => {
  test('fields of two managers lie side by side, and each takes only its own away', async () => {
    await applyByOurs('shared', { a: '1', b: '1' });
    const both = await applyBySecond('shared', { c: '2' });
    expect(both.data).toEqual({ a: '1', b: '1', c: '2' });
    expect(gist(await ours.get(CONFIG_MAPS, { namespace, name: 'shared' }))).toEqual(gist(both));

    expect((await applyByOurs('shared', { a: '1' })).data).toEqual({ a: '1', c: '2' });
    expect((await applyBySecond('shared', {})).data).toEqual({ a: '1' });
    expect((await readBySecond('shared')).metadata?.managedFields?.map((it) => it.manager)).toContain('ours');
  });

  test('a field of the other is a conflict for both, and theirs by force', async () => {
    await applyByOurs('fought', { a: '1' });
    await expect(applyBySecond('fought', { a: '2' })).rejects.toMatchObject({ code: 409 });
    expect((await applyBySecond('fought', { a: '2' }, true)).data).toEqual({ a: '2' });
    await expect(applyByOurs('fought', { a: '3' })).rejects.toMatchObject({ code: 409 });
    expect((await applyByOurs('fought', { a: '3' }, true)).data).toEqual({ a: '3' });
    expect((await readBySecond('fought')).data).toEqual({ a: '3' });
  });

  test('the same declaration by the same manager is no change, whichever client sends it', async () => {
    const first = await applyByOurs('same', { a: '1' });
    const again = await second.patchNamespacedConfigMap(
      {
        namespace,
        name: 'same',
        fieldManager: 'ours',
        body: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { namespace, name: 'same' },
          data: { a: '1' },
        },
      },
      APPLY,
    );
    expect(gist(again)).toEqual(gist(first));
  });

  test('a status that ours applied is what client-node reads, and its spec is untouched', async () => {
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    };
    await second.createNamespacedPersistentVolumeClaim({
      namespace,
      body: { metadata: { name: 'it' }, spec },
    });
    const claims: ResourceType = {
      group: '',
      version: 'v1',
      resource: 'persistentvolumeclaims',
      kind: 'PersistentVolumeClaim',
      namespaced: true,
    };
    await ours.applyStatus(claims, { namespace, name: 'it' }, { phase: 'Lost' }, { fieldManager: 'ours' });
    const claim = await second.readNamespacedPersistentVolumeClaim({ namespace, name: 'it' });
    expect([claim.status?.phase, claim.spec?.accessModes]).toEqual(['Lost', ['ReadWriteOnce']]);
  });
});

describe('patch and replace', () => {
  test('a merge patch of one is what the other reads, and null takes a field away', async () => {
    await ours.create(CONFIG_MAPS, { metadata: { namespace, name: 'it' }, data: { a: '1', b: '1' } });
    const bySecond = await second.patchNamespacedConfigMap(
      { namespace, name: 'it', body: { data: { a: null, c: '2' } } },
      MERGE,
    );
    expect(bySecond.data).toEqual({ b: '1', c: '2' });
    const byOurs = await ours.patch(CONFIG_MAPS, { namespace, name: 'it' }, { data: { b: null, d: '3' } });
    expect(byOurs.data).toEqual({ c: '2', d: '3' });
    expect(gist(await readBySecond('it'))).toEqual(gist(byOurs));
  });

  test('who has read before the other wrote is refused', async () => {
    const old = await ours.create(CONFIG_MAPS, { metadata: { namespace, name: 'it' }, data: { v: '1' } });
    const oldOfSecond = await readBySecond('it');
    await second.replaceNamespacedConfigMap({
      namespace,
      name: 'it',
      body: { ...oldOfSecond, data: { v: '2' } },
    });
    await expect(ours.replace(CONFIG_MAPS, { ...old, data: { v: '3' } })).rejects.toMatchObject({
      code: 409,
    });
    const fresh = await ours.get(CONFIG_MAPS, { namespace, name: 'it' });
    await ours.replace(CONFIG_MAPS, { ...fresh, data: { v: '4' } });
    await expect(
      second.replaceNamespacedConfigMap({
        namespace,
        name: 'it',
        body: { ...oldOfSecond, data: { v: '5' } },
      }),
    ).rejects.toMatchObject({ code: 409 });
    expect((await readBySecond('it')).data).toEqual({ v: '4' });
  });

  test('what one has deleted is absent to the other', async () => {
    for (const name of ['one', 'two']) await applyByOurs(name, {});
    await second.deleteNamespacedConfigMap({ namespace, name: 'one' });
    expect(await ours.find(CONFIG_MAPS, { namespace, name: 'one' })).toBeUndefined();
    expect(await ours.delete(CONFIG_MAPS, { namespace, name: 'one' })).toBe(false);
    expect(await ours.delete(CONFIG_MAPS, { namespace, name: 'two' })).toBe(true);
    await expect(readBySecond('two')).rejects.toMatchObject({ code: 404 });
  });
});

describe('watch', () => {
  const lineOf = (type: string, object: unknown) => {
    const { metadata, data } = object as ConfigMap;
    return `${type} ${metadata.name} ${metadata.resourceVersion} ${JSON.stringify(data ?? {})}`;
  };

  /** Both watch from here on, until the test ends. */
  async function watchingBoth(): Promise<{ byOurs: string[]; bySecond: string[] }> {
    const { resourceVersion } = await ours.list(CONFIG_MAPS, { namespace, labelSelector: 't=x' });
    const byOurs: string[] = [];
    const bySecond: string[] = [];
    const stop = new AbortController();
    const watch = async () => {
      const options = { namespace, labelSelector: 't=x', resourceVersion, timeoutSeconds: 60 };
      for await (const { type, object } of ours.watch(CONFIG_MAPS, { ...options, signal: stop.signal })) {
        if (type !== 'BOOKMARK') byOurs.push(lineOf(type, object));
      }
    };
    const ended = watch().catch(() => undefined);
    const controller = await new Watch(secondConfig).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { labelSelector: 't=x', resourceVersion },
      (type, object) => bySecond.push(lineOf(type, object)),
      () => undefined,
    );
    onTestFinished(async () => {
      controller.abort();
      stop.abort();
      await ended;
    });
    return { byOurs, bySecond };
  }

  test('both tell the same events in the same order, whoever wrote', async () => {
    const seen = await watchingBoth();
    const labels = { t: 'x' };
    await ours.create(CONFIG_MAPS, { metadata: { namespace, name: 'a', labels }, data: { v: 'é\n"' } });
    await second.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'b', labels } } });
    await second.patchNamespacedConfigMap({ namespace, name: 'a', body: { data: { v: '2' } } }, MERGE);
    // To a watch with a selector, an object that no longer fits is deleted.
    await ours.patch(CONFIG_MAPS, { namespace, name: 'b' }, { metadata: { labels: { t: 'y' } } });
    await ours.patch(CONFIG_MAPS, { namespace, name: 'b' }, { metadata: { labels } });
    await ours.delete(CONFIG_MAPS, { namespace, name: 'a' });
    await second.deleteNamespacedConfigMap({ namespace, name: 'b' });

    await until('both have seen seven events', () => seen.byOurs.length === 7 && seen.bySecond.length === 7);
    expect(seen.byOurs).toEqual(seen.bySecond);
    expect(seen.byOurs.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'ADDED a',
      'ADDED b',
      'MODIFIED a',
      'DELETED b',
      'ADDED b',
      'DELETED a',
      'DELETED b',
    ]);
  });
});
