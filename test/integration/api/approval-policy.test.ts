import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { APPROVAL_POLICY, approvalsProvenSince } from '#api/v1alpha1/approval-policy.ts';
import type { KubeClient } from '#kube/kube.ts';
import { clientFor, createNamespace, grantInNamespace } from '#test/control-plane/access.ts';
import { testClient, testServiceAccount } from '#test/control-plane/test-cluster.ts';
import { FULL_SPECS } from '#test/unit/api/full-specs.ts';
import { create, installChart, installCrds, messageOf, objectOf } from './cluster.ts';

const ALICE = 'alice@acme.example';

let admin: KubeClient;
let namespace: string;

const approval = (change: object, name = 'it') =>
  objectOf('PlanApproval', namespace, { ...FULL_SPECS.PlanApproval, groups: undefined, ...change }, name);

beforeAll(async () => {
  admin = await clientFor(inject('adminKubeconfig'));
  await installCrds(admin);
  namespace = await createNamespace(admin, 'approvals');
  await installChart(admin, namespace);
  const rules = [
    { apiGroups: ['seneschal.dev'], resources: ['planapprovals'], verbs: ['create', 'get', 'patch'] },
  ];
  for (const subject of [
    { kind: 'User', name: ALICE },
    { kind: 'ServiceAccount', namespace, name: 'robot' },
  ] as const) {
    await grantInNamespace(admin, namespace, `approve-${subject.kind.toLowerCase()}`, subject, rules);
  }
  // The API server takes a policy up some moments after it was made.
  await vi.waitFor(
    async () => expect((await create(admin, approval({ approver: 'nobody' }), true)).status).toBe(403),
    { timeout: 30_000, interval: 200 },
  );
  return async () => {
    await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await admin.close();
  };
});

/** Approvers are proven only where the test can log in as a person. */
const people = Object.keys(inject('personKubeconfigs')).length > 0;

describe.runIf(people)('a PlanApproval', () => {
  const alice = () => testClient(inject('personKubeconfigs')[ALICE] ?? '');

  test('is taken from the person that it names, with a group that they are in', async () => {
    const response = await create(
      await alice(),
      approval({ approver: ALICE, groups: ['acme:platform'] }, 'good'),
    );
    expect(response.status, messageOf(response)).toBe(201);
  });

  test('is refused in the name of another, and says whose name it must be', async () => {
    const response = await create(await alice(), approval({ approver: 'bob@acme.example' }));
    expect(response.status).toBe(403);
    expect(messageOf(response)).toContain(
      `spec.approver must be the user who creates the approval: ${ALICE}`,
    );
  });

  test('is refused with a group that the person is not in', async () => {
    const response = await create(await alice(), approval({ approver: ALICE, groups: ['acme:security'] }));
    expect(response.status).toBe(403);
    expect(messageOf(response)).toContain(
      'spec.groups may only name groups that the API server knows you to be in',
    );
  });

  test('is refused from a service account, in its own name too', async () => {
    const robot = await testClient(await testServiceAccount(admin, namespace, 'robot'));
    const response = await create(robot, approval({ approver: `system:serviceaccount:${namespace}:robot` }));
    expect(response.status).toBe(403);
    expect(messageOf(response)).toContain('an approval is given by a person');
  });
});

test('the policy in the cluster is the one that proves approvers', async () => {
  const read = async (resource: string) => {
    const path = `/apis/admissionregistration.k8s.io/v1/${resource}/${APPROVAL_POLICY}`;
    return (await admin.request({ method: 'GET', path })).body as Parameters<typeof approvalsProvenSince>[0];
  };
  const since = approvalsProvenSince(
    await read('validatingadmissionpolicies'),
    await read('validatingadmissionpolicybindings'),
  );
  expect(since).toEqual(expect.any(Number));
});
