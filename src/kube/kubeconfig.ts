import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Credentials, FileText, fileCredentials, type KubeConfig } from './credentials.ts';
import { impersonation } from './impersonation.ts';
import { inClusterConfig, isInCluster } from './in-cluster.ts';
import { clusterOf, contextOf, userOf } from './kubeconfig-fields.ts';
import {
  type ClusterEntry,
  type Entry,
  KubeConfigError,
  type KubeConfigFile,
  mergeFiles,
  readKubeConfigFile,
  type UserEntry,
} from './kubeconfig-file.ts';

export interface LoadOptions {
  /** `--kubeconfig`; goes before KUBECONFIG. */
  readonly path?: string | undefined;
  /** `--context`; else the file's current one. */
  readonly context?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/**
 * Finds the API server as kubectl does: the given path, KUBECONFIG (several files are merged, the
 * first to name an entry wins), in a pod its service account, `~/.kube/config`.
 *
 * A plugin of an `exec` user is run by the first call, not here.
 * @throws KubeConfigError
 */
export async function loadKubeConfig(options: LoadOptions = {}): Promise<KubeConfig> {
  const env = options.env ?? process.env;
  const named = options.path ?? env.KUBECONFIG ?? '';
  if (named === '' && isInCluster(env)) return inClusterConfig({ env });
  const paths =
    options.path !== undefined
      ? [options.path]
      : named !== ''
        ? named.split(delimiter).filter((path) => path !== '')
        : [join(env.HOME || homedir(), '.kube', 'config')];
  return configOf(mergeFiles(await filesOf(paths)), options.context);
}

/** Of a list those that are there, as kubectl does; a single one has to be there. */
async function filesOf(paths: readonly string[]): Promise<readonly KubeConfigFile[]> {
  const read = await Promise.allSettled(paths.map(readKubeConfigFile));
  const missing = read.filter((one) => one.status === 'rejected' && isMissing(one.reason));
  const tolerated = missing.length < paths.length ? missing : [];
  return read.flatMap((one) => {
    if (one.status === 'fulfilled') return [one.value];
    if (tolerated.includes(one)) return [];
    throw one.reason;
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

async function configOf(file: KubeConfigFile, wanted: string | undefined): Promise<KubeConfig> {
  const name = wanted ?? file.currentContext;
  if (name === undefined) {
    throw new KubeConfigError(
      `kubeconfig ${file.file} names no current context`,
      'Give --context, or set current-context.',
    );
  }
  const context = contextOf(entryOf(file, file.contexts, 'context', name));
  const clusterEntry = entryOf(file, file.clusters, 'cluster', context.cluster ?? '');
  const cluster = clusterOf(clusterEntry);
  const userEntry = context.user === undefined ? undefined : entryOf(file, file.users, 'user', context.user);
  const user = userEntry === undefined ? {} : userOf(userEntry);
  return {
    server: new URL(cluster.server),
    credentials: await credentialsOf(cluster, user, userEntry),
    namespace: context.namespace ?? 'default',
  };
}

function entryOf(file: KubeConfigFile, entries: readonly Entry[], kind: string, name: string): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const known = entries.map((entry) => entry.name).join(', ') || 'none';
  throw new KubeConfigError(
    `kubeconfig ${file.file} has no ${kind} ${name}`,
    `The ${kind}s that it has: ${known}.`,
  );
}

async function credentialsOf(
  cluster: ClusterEntry,
  user: UserEntry,
  entry: Entry | undefined,
): Promise<Credentials> {
  const [cert, key] = await Promise.all([
    pem(user['client-certificate-data'], user['client-certificate']),
    pem(user['client-key-data'], user['client-key']),
  ]);
  const caData = cluster['certificate-authority-data'];
  const caFile = cluster['certificate-authority'];
  const base = fileCredentials({
    // tokenFile goes before token, as in client-go.
    token: user.tokenFile === undefined ? undefined : new FileText(user.tokenFile),
    ca: caFile === undefined ? undefined : new FileText(caFile),
    tls: {
      ca: caData === undefined ? undefined : decoded(caData),
      cert,
      key,
      serverName: cluster['tls-server-name'],
      insecureSkipVerify: cluster['insecure-skip-tls-verify'],
    },
    headers: { ...impersonation(user), ...authorization(user) },
  });
  if (user.exec === undefined || entry === undefined) return base;
  // Few have a plugin, and the rest of the program runs no other.
  const { execCredentials } = await import('./exec-credentials.ts');
  return execCredentials({
    exec: user.exec,
    where: `kubeconfig ${entry.file}: user ${entry.name}`,
    cluster: user.exec.provideClusterInfo === true ? clusterInfo(cluster) : undefined,
    base,
  });
}

function authorization(user: UserEntry): Record<string, string> {
  if (user.token !== undefined) return { authorization: `Bearer ${user.token}` };
  if (user.username === undefined) return {};
  // The API server has not taken it since 1.19, but a proxy before it may, and kubectl sends it.
  const pair = Buffer.from(`${user.username}:${user.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** Name of the extension that is handed to plugins (client-go, clientcmd/client_config.go). */
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

function clusterInfo(cluster: ClusterEntry): Record<string, unknown> {
  const fields = ['server', 'tls-server-name', 'insecure-skip-tls-verify', 'disable-compression'] as const;
  const set = fields.filter((field) => cluster[field] !== undefined);
  const extensions: unknown = cluster.extensions;
  const ours = Array.isArray(extensions)
    ? extensions.find((it: { name?: unknown } | null) => it?.name === EXEC_EXTENSION)
    : undefined;
  return {
    ...Object.fromEntries(set.map((field) => [field, cluster[field]])),
    ...(ours === undefined ? {} : { config: ours.extension }),
  };
}

function decoded(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

async function pem(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data !== undefined) return decoded(data);
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KubeConfigError(
      `${path}, named by the kubeconfig, cannot be read`,
      'Correct the path or the rights of the file.',
      error,
    );
  }
}
