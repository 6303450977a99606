import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { KubeClient, RequestRecord } from '#kube/kube.ts';
import { clientFor, createNamespace, serviceAccountKubeconfig } from './access.ts';

/** An admin's client of the run's control plane; closed when the test ends. */
export async function adminClient(onRequest?: (record: RequestRecord) => void): Promise<KubeClient> {
  return testClient(inject('adminKubeconfig'), onRequest);
}

/** A client for a kubeconfig; closed when the test ends. */
export async function testClient(
  kubeconfig: string,
  onRequest?: (record: RequestRecord) => void,
): Promise<KubeClient> {
  const client = await clientFor(kubeconfig, onRequest === undefined ? {} : { onRequest });
  onTestFinished(() => client.close());
  return client;
}

/** A namespace of the test's own; its deletion is asked for when the test ends, and not waited for. */
export async function testNamespace(
  admin: KubeClient,
  prefix?: string,
  labels?: Record<string, string>,
): Promise<string> {
  const namespace = await createNamespace(admin, prefix, labels);
  onTestFinished(async () => {
    const client = await clientFor(inject('adminKubeconfig'));
    await client.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await client.close();
  });
  return namespace;
}

/** Kubeconfig of a new service account without any right. */
export async function testServiceAccount(
  admin: KubeClient,
  namespace: string,
  name: string,
): Promise<string> {
  return serviceAccountKubeconfig(admin, inject('adminKubeconfig'), { namespace, name }, await testFolder());
}

/** A temporary folder, removed when the test ends. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
