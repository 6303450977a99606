import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileText, fileCredentials, type KubeConfig } from './credentials.ts';

/** Where kubelet mounts a pod's service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** True in a pod. */
export function isInCluster(env: NodeJS.ProcessEnv = process.env): boolean {
  return (env.KUBERNETES_SERVICE_HOST ?? '') !== '';
}

/** The pod's own service account; token and CA are read again when they are replaced. */
export async function inClusterConfig(
  options: { env?: NodeJS.ProcessEnv; folder?: string; now?: () => number } = {},
): Promise<KubeConfig> {
  const env = options.env ?? process.env;
  const folder = options.folder ?? SERVICE_ACCOUNT;
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const port = env.KUBERNETES_SERVICE_PORT_HTTPS ?? env.KUBERNETES_SERVICE_PORT ?? '443';
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    credentials: fileCredentials({
      token: new FileText(join(folder, 'token'), options.now),
      ca: new FileText(join(folder, 'ca.crt'), options.now),
    }),
    namespace: (await readFile(join(folder, 'namespace'), 'utf8')).trim(),
  };
}
