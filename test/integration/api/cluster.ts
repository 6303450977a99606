import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Kind, RESOURCES } from '#api/v1alpha1/kinds.ts';
import type { KubeClient, RawResponse } from '#kube/kube.ts';

const root = join(import.meta.dirname, '../../..');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Record<string, unknown>;
}

/** The objects of every YAML file of a folder of this repository. */
export async function manifestsOf(folder: string): Promise<Manifest[]> {
  const files = (await readdir(join(root, folder))).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(root, folder, name), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

const PLURALS: Readonly<Record<string, string>> = {
  ...RESOURCES,
  CustomResourceDefinition: 'customresourcedefinitions',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
  ServiceAccount: 'serviceaccounts',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Namespace: 'namespaces',
};

function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${base}${namespace}/${PLURALS[kind]}`;
}

/** Server-side apply with strict field validation, as `kubectl apply --server-side` does. */
export function apply(client: KubeClient, manifest: Manifest): Promise<RawResponse> {
  return client.request({
    method: 'PATCH',
    path: `${pathOf(manifest)}/${manifest.metadata.name}?fieldManager=test&force=true&fieldValidation=Strict`,
    body: manifest,
    contentType: 'application/apply-patch+yaml',
  });
}

export function create(client: KubeClient, manifest: Manifest, dryRun = false): Promise<RawResponse> {
  const query = `fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
  return client.request({ method: 'POST', path: `${pathOf(manifest)}?${query}`, body: manifest });
}

export function objectOf(kind: Kind, namespace: string, spec: unknown, name = 'it'): Manifest {
  return {
    apiVersion: 'seneschal.dev/v1alpha1',
    kind,
    metadata: { name, namespace },
    spec: spec as Record<string, unknown>,
  };
}

export function messageOf(response: RawResponse): string {
  return (response.body as { message?: string }).message ?? '';
}

/** Applies `crds/` and waits until each is served. */
export async function installCrds(admin: KubeClient): Promise<void> {
  for (const manifest of await manifestsOf('crds')) {
    const applied = await apply(admin, manifest);
    expect(applied.status, messageOf(applied)).toBeLessThan(300);
  }
  await vi.waitFor(
    async () => {
      for (const resource of Object.values(RESOURCES)) {
        const path = `/apis/seneschal.dev/v1alpha1/${resource}?limit=1`;
        expect((await admin.request({ method: 'GET', path })).status).toBe(200);
      }
    },
    { timeout: 20_000, interval: 100 },
  );
}

/**
 * Applies the plain manifests of the chart for a namespace; gives the name of the service account. Tests share
 * the cluster, so what is cluster-wide and differs has the namespace in its name.
 */
export async function installChart(admin: KubeClient, namespace: string): Promise<string> {
  const account = `operator-${namespace}`;
  for (const manifest of await manifestsOf('charts/seneschal/files')) {
    const text = JSON.stringify(manifest)
      .replaceAll('seneschal-system', namespace)
      .replaceAll('seneschal-operator', account);
    const applied = await apply(admin, JSON.parse(text) as Manifest);
    expect(applied.status, messageOf(applied)).toBeLessThan(300);
  }
  return account;
}

/** The user name by which the API server knows a client. */
export async function whoAmI(client: KubeClient): Promise<string> {
  const response = await client.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: {},
  });
  return (response.body as { status: { userInfo: { username: string } } }).status.userInfo.username;
}
