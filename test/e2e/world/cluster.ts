/** A namespace of a team and one of an operator, under the chart's RBAC, in the run's control plane. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Kind, Spec } from '#api/v1alpha1/kinds.ts';
import { GROUP, VERSION } from '#api/v1alpha1/kinds.ts';
import type { Status } from '#api/v1alpha1/status.ts';
import { type Resource, resourceType } from '#controllers/resources.ts';
import { isNotFound, type KubeClient, SECRETS } from '#kube/kube.ts';
import { clientFor, createNamespace, serviceAccountKubeconfig } from '#test/control-plane/access.ts';
import { testClient, testFolder } from '#test/control-plane/test-cluster.ts';

const root = join(import.meta.dirname, '..', '..', '..');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; namespace?: string };
  readonly [field: string]: unknown;
}

export interface TestCluster {
  readonly admin: KubeClient;
  /** Of the team. */
  readonly namespace: string;
  /** Of the operator. */
  readonly system: string;
  /** Of the operator's service account. */
  readonly kubeconfig: string;
  /** Creates or changes an object of ours, as the team does. */
  apply<K extends Kind>(kind: K, name: string, spec: Spec<K>): Promise<Resource<K>>;
  remove(kind: Kind, name: string): Promise<void>;
  read<K extends Kind>(kind: K, name: string): Promise<Resource<K> & { status?: Status<K> }>;
  list<K extends Kind>(kind: K): Promise<(Resource<K> & { status?: Status<K> })[]>;
  secret(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  /** Lets the operator handle Secrets of the team's namespace. */
  enable(): Promise<void>;
  /** A client of a person who may do everything in the team's namespace. */
  person(name: string): Promise<KubeClient>;
}

/** CRDs, policy and RBAC as the chart has them; the operator's account is of a namespace of its own. */
export async function testCluster(adminKubeconfig: string = inject('adminKubeconfig')): Promise<TestCluster> {
  const admin = await testClient(adminKubeconfig);
  const namespace = await createNamespace(admin, 'team');
  const system = await createNamespace(admin, 'system');
  onTestFinished(async () => {
    // After the operator, which is stopped before; the test's own client is closed by then.
    const client = await clientFor(adminKubeconfig);
    for (const name of [namespace, system])
      await client.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` }).catch(() => undefined);
    await client.close();
  });
  for (const manifest of await manifestsIn(join(root, 'crds'))) await applyManifest(admin, manifest);
  await untilServed(admin);
  for (const manifest of await manifestsIn(join(root, 'charts', 'seneschal', 'files')))
    await applyManifest(admin, within(manifest, system));
  const account = { namespace: system, name: 'seneschal-operator' };
  const kubeconfig = await serviceAccountKubeconfig(admin, adminKubeconfig, account, await testFolder());
  const teamObject = <K extends Kind>(kind: K, name: string) => ({
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { namespace, name },
  });
  return {
    admin,
    namespace,
    system,
    kubeconfig,
    apply: (kind, name, spec) =>
      admin.apply(
        resourceType(kind),
        { ...teamObject(kind, name), spec },
        { fieldManager: 'team', force: true },
      ),
    remove: async (kind, name) => {
      await admin.delete(resourceType(kind), { namespace, name });
    },
    read: (kind, name) => admin.get(resourceType(kind), { namespace, name }) as never,
    list: async (kind) => (await admin.list(resourceType(kind), { namespace })).items as never,
    secret: async (name, data) => {
      const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
      await admin.apply(
        SECRETS,
        { metadata: { namespace, name }, type: 'Opaque', data: Object.fromEntries(encoded) },
        { fieldManager: 'team', force: true },
      );
    },
    enable: () => letSecretsBeHandled(admin, namespace, system),
    person: async (name) => {
      await applyManifest(admin, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: `admin-${name.replace(/[^a-z]/g, '-')}`, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }],
      });
      const kubeconfig = inject('personKubeconfigs')[name];
      if (kubeconfig === undefined) throw new Error(`the control plane has no person ${name}`);
      return testClient(kubeconfig);
    },
  };
}

/** Lets the operator of the namespace `system` handle Secrets in a namespace. */
export async function letSecretsBeHandled(
  admin: KubeClient,
  namespace: string,
  system: string,
): Promise<void> {
  await applyManifest(admin, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'seneschal-secrets', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'seneschal-secrets' },
    subjects: [{ kind: 'ServiceAccount', namespace: system, name: 'seneschal-operator' }],
  });
}

async function manifestsIn(folder: string): Promise<Manifest[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

/** As the chart does for a release in another namespace; the cluster-wide binding gets a name of its own. */
function within(manifest: Manifest, system: string): Manifest {
  const moved = JSON.parse(
    JSON.stringify(manifest).replaceAll('"namespace":"seneschal-system"', `"namespace":"${system}"`),
  ) as Manifest;
  if (moved.kind === 'ClusterRoleBinding') moved.metadata.name = `${moved.metadata.name}-${system}`;
  return moved;
}

async function applyManifest(admin: KubeClient, manifest: Manifest): Promise<void> {
  const { apiVersion, kind, metadata } = manifest;
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const response = await admin.request({
    method: 'PATCH',
    path: `${base}${scope}/${plural}/${metadata.name}?fieldManager=chart&force=true`,
    contentType: 'application/apply-patch+yaml',
    body: manifest,
  });
  if (response.status >= 400)
    throw new Error(`${kind} ${metadata.name}: ${response.status} ${JSON.stringify(response.body)}`);
}

/** A CRD is served a moment after it was applied. */
async function untilServed(admin: KubeClient): Promise<void> {
  await eventually('the CRDs to be served', async () => {
    try {
      for (const kind of ['Organization', 'PlanApproval', 'MachineBinding'] as const)
        await admin.list(resourceType(kind), { namespace: 'default' });
      return true;
    } catch (error) {
      if (isNotFound(error) || (error as { code?: number }).code === 404) return undefined;
      throw error;
    }
  });
}

/**
 * Asks again until there is an answer.
 * @throws after `seconds`, saying what it waited for and what it saw last
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { seconds = 30, explain }: { seconds?: number; explain?: () => Promise<unknown> } = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline)
      throw new Error(`waited ${seconds} s for ${what}\n${JSON.stringify(await explain?.(), null, 1) ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
