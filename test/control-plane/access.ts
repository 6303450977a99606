import { join } from 'node:path';
import { HttpKubeClient, type KubeClient, type KubeClientOptions, loadKubeConfig } from '#kube/kube.ts';
import { tokenKubeconfig, writeKubeconfig } from './kubeconfigs.ts';

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A client for the cluster of a kubeconfig. Close it. */
export async function clientFor(
  kubeconfig: string,
  options: Omit<KubeClientOptions, 'config'> = {},
): Promise<KubeClient> {
  return new HttpKubeClient({ config: await loadKubeConfig({ path: kubeconfig }), ...options });
}

/** Makes a namespace with a random name that begins with `prefix`; gives the name. */
export async function createNamespace(
  admin: KubeClient,
  prefix = 'test',
  labels: Record<string, string> = {},
): Promise<string> {
  const namespace = await ask<{ metadata: { name: string } }>(admin, 'POST', '/api/v1/namespaces', {
    metadata: { generateName: `${prefix}-`, labels },
  });
  return namespace.metadata.name;
}

/**
 * Makes a service account and a kubeconfig with a token of it. It has no rights until they are granted.
 * The file is written beside `adminKubeconfig`, or to `folder`.
 */
export async function serviceAccountKubeconfig(
  admin: KubeClient,
  adminKubeconfig: string,
  account: { namespace: string; name: string },
  folder: string,
): Promise<string> {
  const base = `/api/v1/namespaces/${account.namespace}/serviceaccounts`;
  await ask(admin, 'POST', base, { metadata: { name: account.name } }, [409]);
  const answer = await ask<{ status: { token: string } }>(admin, 'POST', `${base}/${account.name}/token`, {
    spec: { expirationSeconds: 7_200 },
  });
  const cluster = await clusterOf(adminKubeconfig);
  const path = join(folder, `${account.namespace}-${account.name}.kubeconfig`);
  return writeKubeconfig(path, tokenKubeconfig(cluster, answer.status.token));
}

/** Who gets rights: a service account or a user. */
export type Subject =
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'User'; readonly name: string };

/** Grants rules in one namespace: a Role and a RoleBinding of this name. */
export async function grantInNamespace(
  admin: KubeClient,
  namespace: string,
  name: string,
  subject: Subject,
  rules: readonly PolicyRule[],
): Promise<void> {
  const base = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await ask(admin, 'POST', `${base}/roles`, { metadata: { name }, rules });
  await ask(admin, 'POST', `${base}/rolebindings`, {
    metadata: { name },
    subjects: [subjectOf(subject)],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
  });
}

/** Grants rules everywhere: a ClusterRole and a ClusterRoleBinding of this name. */
export async function grantInCluster(
  admin: KubeClient,
  name: string,
  subject: Subject,
  rules: readonly PolicyRule[],
): Promise<void> {
  const base = '/apis/rbac.authorization.k8s.io/v1';
  await ask(admin, 'POST', `${base}/clusterroles`, { metadata: { name }, rules });
  await ask(admin, 'POST', `${base}/clusterrolebindings`, {
    metadata: { name },
    subjects: [subjectOf(subject)],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  });
}

function subjectOf(subject: Subject): object {
  return subject.kind === 'User' ? { ...subject, apiGroup: 'rbac.authorization.k8s.io' } : subject;
}

async function ask<R>(
  admin: KubeClient,
  method: 'POST',
  path: string,
  body: object,
  allowed: readonly number[] = [],
): Promise<R> {
  const response = await admin.request({ method, path, body });
  if (response.status >= 400 && !allowed.includes(response.status)) {
    throw new Error(
      `${method} ${path}: ${response.status} ${(response.body as { message?: string }).message ?? ''}`,
    );
  }
  return response.body as R;
}

async function clusterOf(kubeconfig: string): Promise<{ server: string; ca: string }> {
  const config = await loadKubeConfig({ path: kubeconfig });
  const tls = await config.credentials.tls();
  if (tls.ca === undefined) throw new Error('the admin kubeconfig has no CA');
  return { server: config.server.href.replace(/\/$/, ''), ca: tls.ca };
}
