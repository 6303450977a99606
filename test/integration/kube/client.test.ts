import { describe, expect, inject, test } from 'vitest';
import {
  KubeError,
  type KubeObject,
  NAMESPACES,
  type RequestRecord,
  type ResourceType,
  SECRETS,
} from '#kube/kube.ts';
import { adminClient, testNamespace } from '#test/control-plane/test-cluster.ts';

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

describe('the client against a real API server', () => {
  test('creates, reads, and says AlreadyExists for a name that is taken', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const object: ConfigMap = { metadata: { namespace, name: 'one' }, data: { a: '1' } };
    await admin.create(CONFIG_MAPS, object);
    expect((await admin.get(CONFIG_MAPS, { namespace, name: 'one' })).data).toEqual({ a: '1' });
    await expect(admin.create(CONFIG_MAPS, object)).rejects.toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
    });
  });

  test('find gives undefined for an absent object, and throws for a kind that is not served', async () => {
    const admin = await adminClient();
    expect(await admin.find(SECRETS, { namespace: 'default', name: 'nowhere' })).toBeUndefined();
    const unknown: ResourceType = {
      group: 'not.served.example',
      version: 'v1',
      resource: 'things',
      kind: 'Thing',
      namespaced: true,
    };
    await expect(admin.find(unknown, { namespace: 'default', name: 'x' })).rejects.toMatchObject({
      code: 404,
    });
  });

  test('list reads every page, and counts a request a page', async () => {
    const requests: RequestRecord[] = [];
    const admin = await adminClient((record) => requests.push(record));
    const namespace = await testNamespace(admin);
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await admin.create(CONFIG_MAPS, { metadata: { namespace, name, labels: { t: 'x' } } });
    requests.length = 0;
    const listed = await admin.list(CONFIG_MAPS, { namespace, labelSelector: 't=x', limit: 2 });
    expect(listed.items.map((item) => item.metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(requests.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual(
      Array(3).fill('list configmaps 200'),
    );
  });

  test('a metadata-only list has neither data nor spec', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    await admin.create(SECRETS, {
      metadata: { namespace, name: 's', labels: { t: 'x' } },
      data: { k: 'c2VjcmV0' },
    });
    const { items } = await admin.listMetadata(SECRETS, { namespace, labelSelector: 't=x' });
    expect(items).toHaveLength(1);
    expect(Object.keys(items[0]!).sort()).toEqual(
      ['apiVersion', 'kind', 'metadata'].filter((key) => key in items[0]!).sort(),
    );
    expect(JSON.stringify(items)).not.toContain('c2VjcmV0');
  });

  test('server-side apply takes only its own fields away, and a conflict with another manager is a 409 unless forced', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const metadata = { namespace, name: 'shared' };
    await admin.apply(CONFIG_MAPS, { metadata, data: { ours: '1', both: '1' } }, { fieldManager: 'first' });
    await admin.apply(CONFIG_MAPS, { metadata, data: { theirs: '1' } }, { fieldManager: 'second' });
    await expect(
      admin.apply(CONFIG_MAPS, { metadata, data: { both: '2' } }, { fieldManager: 'second' }),
    ).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    await admin.apply(
      CONFIG_MAPS,
      { metadata, data: { theirs: '1', both: '2' } },
      { fieldManager: 'second', force: true },
    );
    const after = await admin.apply(CONFIG_MAPS, { metadata }, { fieldManager: 'first' });
    expect(after.data).toEqual({ theirs: '1', both: '2' });
  });

  test('an apply that changes nothing keeps the resourceVersion', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const object = { metadata: { namespace, name: 'same' }, data: { a: '1' } };
    const first = await admin.apply(CONFIG_MAPS, object, { fieldManager: 'first' });
    const second = await admin.apply(CONFIG_MAPS, object, { fieldManager: 'first' });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('applyStatus writes the status subresource alone, keeps the resourceVersion when nothing changes, and creates nothing', async () => {
    const requests: RequestRecord[] = [];
    const admin = await adminClient((record) => requests.push(record));
    const namespace = await testNamespace(admin);
    requests.length = 0;
    const pods: ResourceType = {
      group: '',
      version: 'v1',
      resource: 'persistentvolumeclaims',
      kind: 'PersistentVolumeClaim',
      namespaced: true,
    };
    const claim = {
      metadata: { namespace, name: 'claim' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await admin.create(pods, claim);
    const ref = { namespace, name: 'claim' };
    const status = {
      conditions: [{ type: 'Resizing', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    };
    const first = await admin.applyStatus(pods, ref, status, { fieldManager: 'first' });
    const second = await admin.applyStatus(pods, ref, status, { fieldManager: 'first' });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    await expect(
      admin.applyStatus(pods, { namespace, name: 'absent' }, status, { fieldManager: 'first' }),
    ).rejects.toMatchObject({ code: 404 });
    expect(requests.map(({ verb, name, code }) => `${verb} ${name} ${code}`)).toEqual([
      'create claim 201',
      'apply-status claim 200',
      'apply-status claim 200',
      'apply-status absent 404',
    ]);
  });

  test('delete with another UID deletes nothing, and deleting what is absent is no error', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const made = await admin.create(CONFIG_MAPS, { metadata: { namespace, name: 'one' } });
    const ref = { namespace, name: 'one' };
    await expect(
      admin.delete(CONFIG_MAPS, ref, { uid: '00000000-0000-0000-0000-000000000000' }),
    ).rejects.toMatchObject({ code: 409 });
    expect(await admin.delete(CONFIG_MAPS, ref, { uid: made.metadata.uid })).toBe(true);
    expect(await admin.delete(CONFIG_MAPS, ref)).toBe(false);
  });

  test('an error names the call and the fields, never a value', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const error = await admin
      .create(SECRETS, {
        metadata: { namespace, name: 'bad' },
        data: { '/bad key/': 'aHVudGVyMg==' },
        type: 'hunter2',
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(JSON.stringify(error) + String(error) + (error as Error).stack).not.toMatch(/hunter2|aHVudGVyMg/);
    expect((error as KubeError).publicMessage).toContain(`create secrets ${namespace}/bad: 422 Invalid`);
  });

  test('an aborted call says so', async () => {
    const admin = await adminClient();
    const controller = new AbortController();
    const call = admin.list(NAMESPACES, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ reason: 'Aborted', code: 0 });
    expect(inject('adminKubeconfig')).toBeTypeOf('string');
  });
});
