import { expect, test } from 'vitest';
import {
  createEventRecorder,
  EVENTS,
  type KubeError,
  NAMESPACES,
  type RequestRecord,
  SECRETS,
} from '#kube/kube.ts';
import { adminClient, testNamespace } from '#test/control-plane/test-cluster.ts';
import { until } from '#test/fakes/kube-until.ts';

const recorderOf = (
  client: Awaited<ReturnType<typeof adminClient>>,
  onDropped?: (error: KubeError) => void,
) =>
  createEventRecorder({
    client,
    controller: 'seneschal.test/operator',
    instance: 'operator-1',
    ...(onDropped === undefined ? {} : { onDropped }),
  });

test('an Event is one create, and tells what was done to which object', async () => {
  const requests: RequestRecord[] = [];
  const admin = await adminClient((record) => requests.push(record));
  const namespace = await testNamespace(admin);
  const object = await admin.create(SECRETS, { metadata: { namespace, name: 'key' } });
  requests.length = 0;
  const note = 'ü'.repeat(2_000);
  await recorderOf(admin).record({
    regarding: { type: SECRETS, object },
    type: 'Normal',
    reason: 'KeyIssued',
    action: 'Issue',
    note,
  });
  expect(requests.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual([
    'create events 201',
  ]);
  const { items } = await admin.list(EVENTS, { namespace });
  expect(items).toMatchObject([
    {
      reason: 'KeyIssued',
      type: 'Normal',
      action: 'Issue',
      regarding: { kind: 'Secret', name: 'key', uid: object.metadata.uid },
    },
  ]);
  expect(Buffer.byteLength(items[0]?.note ?? '')).toBeLessThanOrEqual(1_024);
});

test('a namespace that is being deleted refuses Events: they are counted and swallowed', async () => {
  const admin = await adminClient();
  const namespace = await testNamespace(admin);
  // A finalizer of ours would keep it terminating; an object with one does the same.
  const object = await admin.create(SECRETS, {
    metadata: { namespace, name: 'stays', finalizers: ['example.com/hold'] },
  });
  await admin.delete(NAMESPACES, { name: namespace });
  await until(
    'it is terminating',
    async () => (await admin.get(NAMESPACES, { name: namespace })).status?.phase === 'Terminating',
  );
  const causes: (readonly string[])[] = [];
  const recorder = recorderOf(admin, (error) => causes.push(error.causes));
  await recorder.record({
    regarding: { type: SECRETS, object },
    type: 'Warning',
    reason: 'Gone',
    action: 'Delete',
    note: 'n',
  });
  expect(recorder.dropped).toBe(1);
  expect(causes).toEqual([['NamespaceTerminating']]);
  await admin.patch(SECRETS, { namespace, name: 'stays' }, { metadata: { finalizers: null } });
});
