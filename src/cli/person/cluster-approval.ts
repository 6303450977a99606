/** An approval as an object of the cluster: whose it is, the API server says. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import {
  customResource,
  ORGANIZATIONS,
  PLAN_APPROVALS,
  type Resource,
  resourceType,
} from '#controllers/resources.ts';
import { apiVersionOf, HttpKubeClient, isForbidden, type KubeClient, loadKubeConfig } from '#kube/kube.ts';
import { Failure } from '../terminal/failure.ts';

export interface ClusterOptions {
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  /** Left out: that of the context. */
  readonly namespace?: string | undefined;
  /** Left out: the only one of the namespace. */
  readonly organization?: string | undefined;
  readonly reason: string;
}

/** Whom the API server takes the caller for; of an impersonated user it does not tell who is behind it. */
export interface ClusterUser {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface CreatedApproval {
  readonly namespace: string;
  readonly name: string;
  readonly approver: string;
}

/** Groups that a PlanApproval may name. */
const MOST_GROUPS = 50;

/**
 * The spec of an approval by that user. It names their groups, those that the Organization lists first, because they
 * count by a group only where they name it; never one that Kubernetes itself gives.
 */
export function approvalSpec(
  digest: string,
  reason: string,
  user: ClusterUser,
  organization: { readonly name: string; readonly approvingGroups: readonly string[] },
): Spec<'PlanApproval'> {
  const own = user.groups.filter((group) => group !== '' && !group.startsWith('system:'));
  const listed = own.filter((group) => organization.approvingGroups.includes(group));
  const groups = [...new Set([...listed, ...own])].slice(0, MOST_GROUPS);
  return {
    organizationRef: { name: organization.name },
    digest,
    approver: user.username,
    ...(groups.length === 0 ? {} : { groups }),
    reason,
  };
}

/** Creates it. Throws Failure, KubeError, KubeConfigError. */
export async function approveInCluster(digest: string, options: ClusterOptions): Promise<CreatedApproval> {
  const config = await loadKubeConfig({ path: options.kubeconfig, context: options.context });
  const client = new HttpKubeClient({ config });
  try {
    const namespace = options.namespace ?? config.namespace;
    const user = await whoAmI(client);
    const organization = await organizationIn(client, namespace, options.organization);
    const spec = approvalSpec(digest, options.reason, user, organization);
    const { group, version, resource, kind } = resourceType('PlanApproval');
    const { status, body } = await client.request({
      method: 'POST',
      path: `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${resource}`,
      body: {
        apiVersion: apiVersionOf(PLAN_APPROVALS),
        kind,
        metadata: { generateName: 'approve-', namespace },
        spec,
      },
    });
    const answer = (body ?? {}) as { message?: string; metadata?: { name?: string } };
    if (status >= 300) {
      // The text of the policy, of the schema or of RBAC: all of it is about what was typed here.
      throw new Failure(
        'Error',
        `The API server took no approval of ${user.username}: ${answer.message ?? status}`,
        'Correct what the message names, or approve in the vault: leave --kubeconfig out.',
      );
    }
    return { namespace, name: answer.metadata?.name ?? '', approver: user.username };
  } finally {
    await client.close();
  }
}

async function whoAmI(client: KubeClient): Promise<ClusterUser> {
  const { status, body } = await client.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  const info = (body as { status?: { userInfo?: Partial<ClusterUser> } } | null)?.status?.userInfo;
  if (status >= 300 || typeof info?.username !== 'string') {
    throw new Failure(
      'Error',
      `The API server does not say who you are (${status}).`,
      'Check the kubeconfig with `kubectl auth whoami`.',
    );
  }
  return { username: info.username, groups: info.groups ?? [] };
}

async function organizationIn(client: KubeClient, namespace: string, wanted: string | undefined) {
  const found = await client.list(ORGANIZATIONS, { namespace }).catch((error: unknown) => {
    // Who may create approvals need not see the Organization.
    if (wanted !== undefined && isForbidden(error)) return null;
    throw error;
  });
  if (wanted !== undefined && found === null) return { name: wanted, approvingGroups: [] };
  const all = (found?.items ?? []).map((item) => customResource('Organization', item));
  const matching = all.filter(({ metadata }) => wanted === undefined || metadata.name === wanted);
  const [first, ...others] = matching;
  if (first === undefined || others.length > 0) {
    const names = all.map(({ metadata }) => metadata.name).join(', ');
    throw new Failure(
      'Usage',
      `Namespace ${namespace} has ${all.length === 0 ? 'no Organization' : `these Organizations: ${names}`}.`,
      'Name it by --organization, its namespace by --namespace.',
    );
  }
  return { name: first.metadata.name, approvingGroups: groupsOf(first) };
}

function groupsOf({ spec }: Pick<Resource<'Organization'>, 'spec'>): readonly string[] {
  return spec.rails?.approvers?.groups ?? [];
}
