import { resourceType } from '#controllers/resources.ts';
import type { KubeClient } from '#kube/kube.ts';
import { grantInNamespace } from '#test/control-plane/access.ts';
import { testClient, testServiceAccount } from '#test/control-plane/test-cluster.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { PEOPLE, type ReadyTeam, readyTeam, untilSays } from '#test/e2e/world/team.ts';
import { create, messageOf, objectOf } from '#test/integration/api/cluster.ts';
import { attack } from '../attack.ts';
import { done, type Outcome, refused } from '../outcome.ts';

/** The only one in `rails.approvers`. */
const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
/** The sentence of the policy that proves approvers. */
const POLICY = /denied request: ([^:,]+)/;

interface Approving {
  readonly as: KubeClient;
  readonly approver: string;
  readonly groups?: readonly string[];
}

/** A service account that may create approvals. */
async function pipeline({ cluster }: ReadyTeam): Promise<Approving> {
  const { admin, namespace } = cluster;
  const kubeconfig = await testServiceAccount(admin, namespace, 'pipeline');
  const subject = { kind: 'ServiceAccount', namespace, name: 'pipeline' } as const;
  await grantInNamespace(admin, namespace, 'approve', subject, [
    { apiGroups: ['seneschal.dev'], resources: ['planapprovals'], verbs: ['create'] },
  ]);
  return { as: await testClient(kubeconfig), approver: `system:serviceaccount:${namespace}:pipeline` };
}

/** Another test may have applied the policy in the same second: then nobody is proven, and one approves anew. */
async function approve(team: ReadyTeam, digest: string, approving: Approving): Promise<Outcome> {
  for (let tries = 0; ; tries++) {
    const outcome = await approveOnce(team, digest, approving);
    if (outcome.text !== 'ApprovalsNotProven' || tries === 20) return outcome;
  }
}

/** Creates one, and waits until the operator has judged it. */
async function approveOnce(
  { cluster }: ReadyTeam,
  digest: string,
  { as, approver, groups }: Approving,
): Promise<Outcome> {
  const call = 'create PlanApproval';
  const name = `approve-${crypto.randomUUID().slice(0, 8)}`;
  const about = { organizationRef: { name: 'acme' }, digest, reason: 'the team was dissolved' };
  const spec = { ...about, approver, ...(groups && { groups }) };
  const approval = objectOf('PlanApproval', cluster.namespace, spec, name);
  const refusal = await eventually('the right to create approvals to count', async () => {
    const response = await create(as, approval);
    const message = response.status < 300 ? '' : messageOf(response);
    return message.includes('cannot create resource') ? undefined : message;
  });
  if (refusal !== '') return refused(call, POLICY.exec(refusal)?.[1] ?? refusal);
  const said = await eventually('the approval to be judged', async () => {
    const { status } = await cluster.read('PlanApproval', name);
    if (status?.state === 'Used') return 'Used';
    return status?.conditions?.find((condition) => condition.status === 'False')?.reason;
  });
  return said === 'Used' ? done(call, said) : refused(call, said);
}

attack({
  name: 'deletes all members in Git, and approves it: as somebody else, as no approver, as a service account',
  actor: 'Rogue committer',
  rule: 'rail 1',
  refused: [
    'spec.approver must be the user who creates the approval',
    'spec.groups may only name groups that the API server knows you to be in',
    'NotAnApprover',
    'an approval is given by a person',
  ],
  permittedBy: 'the login of a person in rails.approvers',
  world: () => readyTeam(PEOPLE),
  async attack(team) {
    const bob = await team.cluster.person(BOB);
    return [
      { as: bob, approver: ALICE },
      { as: bob, approver: BOB, groups: ['acme:platform'] },
      { as: bob, approver: BOB },
      await pipeline(team),
    ];
  },
  control: async ({ cluster }) => [{ as: await cluster.person(ALICE), approver: ALICE }],
  async calls(team, approvings: readonly Approving[]) {
    const { cluster, operator, vault } = team;
    const { admin, namespace } = cluster;
    const everybody = await vault.members();
    for (const name of PEOPLE) await admin.delete(resourceType('Member'), { namespace, name });
    const message = await untilSays(cluster, 'Organization/acme', 'Stalled=True/MassAbsence', operator);
    const digest = /digest: "([0-9a-f]{64})"/.exec(message)?.[1] ?? '';
    const outcomes: Outcome[] = [];
    for (const approving of approvings) outcomes.push(await approve(team, digest, approving));
    if (outcomes.every(({ is }) => is === 'refused') && (await vault.members()).length < everybody.length) {
      outcomes.push(done('create PlanApproval', 'members were removed all the same'));
    }
    return outcomes;
  },
});
