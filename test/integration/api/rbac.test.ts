import { beforeAll, expect, inject, test } from 'vitest';
import { APPROVAL_POLICY } from '#api/v1alpha1/approval-policy.ts';
import type { KubeClient } from '#kube/kube.ts';
import { clientFor, createNamespace } from '#test/control-plane/access.ts';
import { testClient, testServiceAccount } from '#test/control-plane/test-cluster.ts';
import { apply, installChart, installCrds } from './cluster.ts';

let admin: KubeClient;
let system: string;
let team: string;
let other: string;
let account: string;

beforeAll(async () => {
  admin = await clientFor(inject('adminKubeconfig'));
  await installCrds(admin);
  [system, team, other] = (await Promise.all(
    ['system', 'team', 'other'].map((it) => createNamespace(admin, it)),
  )) as [string, string, string];
  account = await installChart(admin, system);
  await apply(admin, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'seneschal-secrets', namespace: team },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'seneschal-secrets' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: system }],
  } as Parameters<typeof apply>[1]);
  return async () => {
    for (const name of [system, team, other]) {
      await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
    }
    await admin.close();
  };
});

test('the operator gets what it needs and no more', async () => {
  const operator = await testClient(await testServiceAccount(admin, system, account));
  const can = async (
    verb: string,
    resource: string,
    at: { group?: string; namespace?: string; name?: string; subresource?: string } = {},
  ): Promise<boolean> => {
    const response = await operator.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { spec: { resourceAttributes: { verb, resource, ...at } } },
    });
    return (response.body as { status: { allowed: boolean } }).status.allowed;
  };
  const ours = { group: 'seneschal.dev' };

  expect(await can('watch', 'members', ours)).toBe(true);
  expect(await can('patch', 'members', { ...ours, subresource: 'status' })).toBe(true);
  for (const verb of ['create', 'patch', 'update', 'delete']) {
    expect(await can(verb, 'members', { ...ours, namespace: team }), verb).toBe(false);
  }
  expect(await can('create', 'planapprovals', { ...ours, namespace: team })).toBe(false);

  expect(await can('list', 'secrets')).toBe(false);
  expect(await can('watch', 'secrets', { namespace: team })).toBe(true);
  expect(await can('create', 'secrets', { namespace: team })).toBe(true);
  expect(await can('get', 'secrets', { namespace: other })).toBe(false);
  expect(await can('get', 'secrets', { namespace: system })).toBe(false);
  expect(await can('get', 'secrets', { namespace: system, name: 'seneschal-installation' })).toBe(true);

  expect(await can('get', 'namespaces', { name: team })).toBe(true);
  const crds = { group: 'apiextensions.k8s.io', name: 'members.seneschal.dev' };
  expect(await can('get', 'customresourcedefinitions', crds)).toBe(true);
  expect(await can('list', 'customresourcedefinitions', { group: 'apiextensions.k8s.io' })).toBe(false);
  const admission = { group: 'admissionregistration.k8s.io', name: APPROVAL_POLICY };
  expect(await can('get', 'validatingadmissionpolicies', admission)).toBe(true);
  expect(await can('get', 'validatingadmissionpolicybindings', admission)).toBe(true);
  expect(await can('patch', 'validatingadmissionpolicies', admission)).toBe(false);
  expect(await can('update', 'leases', { group: 'coordination.k8s.io', namespace: system })).toBe(true);
  expect(await can('update', 'leases', { group: 'coordination.k8s.io', namespace: team })).toBe(false);
});
