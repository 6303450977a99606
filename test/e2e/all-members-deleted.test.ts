import { expect, it } from 'vitest';
import { PLAN_APPROVALS, resourceType } from '#controllers/resources.ts';
import { grantInNamespace } from '#test/control-plane/access.ts';
import { testClient, testServiceAccount } from '#test/control-plane/test-cluster.ts';
import { eventually } from './world/cluster.ts';
import { PEOPLE, readyTeam, untilReady, untilSays } from './world/team.ts';

it('holds the removal of all members, says so, and lets a person in rails.approvers release it (rail 1)', async () => {
  const { cluster, vault, operator } = await readyTeam(PEOPLE);
  const { admin, namespace } = cluster;
  const everybody = await vault.members();

  for (const name of PEOPLE) await admin.delete(resourceType('Member'), { namespace, name });
  const message = await untilSays(cluster, 'Organization/acme', 'Stalled=True/MassAbsence', operator);
  expect(message).toContain('kind: PlanApproval');
  const digest = /digest: "([0-9a-f]{64})"/.exec(message)?.[1] ?? '';
  expect(await vault.members()).toEqual(everybody);

  const approval = (approver: string) => ({
    metadata: { namespace, generateName: 'approve-' } as never,
    spec: { organizationRef: { name: 'acme' }, digest, approver, reason: 'the team was dissolved' },
  });
  const kubeconfig = await testServiceAccount(admin, namespace, 'pipeline');
  const subject = { kind: 'ServiceAccount', namespace, name: 'pipeline' } as const;
  await grantInNamespace(admin, namespace, 'approve', subject, [
    { apiGroups: ['seneschal.dev'], resources: ['planapprovals'], verbs: ['create'] },
  ]);
  const pipeline = await testClient(kubeconfig);
  const account = `system:serviceaccount:${namespace}:pipeline`;
  await eventually('the role to count', async () =>
    pipeline.create(PLAN_APPROVALS, approval(account)).then(
      () => {
        throw new Error('a service account approved');
      },
      (error: { reason: string }) =>
        error.reason === 'Forbidden' || error.reason === 'Invalid' ? true : undefined,
    ),
  );
  const alice = await cluster.person('alice@acme.example');
  await expect(alice.create(PLAN_APPROVALS, approval('bob@acme.example'))).rejects.toThrow();
  await alice.create(PLAN_APPROVALS, approval('alice@acme.example'));

  await eventually(
    'everybody to be removed',
    async () => ((await vault.members()).length === 1 ? true : undefined),
    {
      explain: async () => [
        operator.log,
        operator.vault,
        (await cluster.read('Organization', 'acme')).status,
        await cluster.list('PlanApproval'),
      ],
    },
  );
  expect(await vault.members()).toEqual(['owner@acme.example Active']);
  await eventually('the approval to be used', async () =>
    (await cluster.list('PlanApproval')).every(({ status }) => status?.state === 'Used') ? true : undefined,
  );
  await untilReady(cluster, operator);
});
