import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type Credentials, FileText, fileCredentials, type KubeConfig } from './credentials.ts';
import { inClusterConfig, isInCluster } from './in-cluster.ts';
import {
  type ClusterEntry,
  impersonation,
  KubeConfigError,
  type KubeConfigFile,
  type UserEntry,
} from './kubeconfig-file.ts';
import type { TlsMaterial } from './transport.ts';

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
 * Simple users are read here; `exec` and `auth-provider` users by @kubernetes/client-node, which is
 * imported for them alone because importing it costs 785 ms and 129 MiB.
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
  const files = await Promise.all(paths.map(readKubeConfigFile));
  return configOf(mergeFiles(files), options.context);
}

async function readKubeConfigFile(path: string): Promise<KubeConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new KubeConfigError(`kubeconfig ${path} cannot be read`, error);
  }
  let file: KubeConfigFile;
  try {
    // JSON is YAML, and reading it so saves the import of a YAML parser.
    file = text.trimStart().startsWith('{')
      ? (JSON.parse(text) as KubeConfigFile)
      : ((await import('yaml')).parse(text) as KubeConfigFile);
  } catch {
    // The parser's message quotes the text, which may hold a token.
    throw new KubeConfigError(`kubeconfig ${path} is neither YAML nor JSON`);
  }
  if (typeof file !== 'object' || file === null) throw new KubeConfigError(`kubeconfig ${path} is empty`);
  const folder = dirname(resolve(path));
  for (const { cluster } of file.clusters ?? []) toAbsolute(folder, cluster, ['certificate-authority']);
  for (const { user } of file.users ?? [])
    toAbsolute(folder, user, ['client-certificate', 'client-key', 'tokenFile']);
  return file;
}

/** Paths in a kubeconfig are relative to its folder. */
function toAbsolute<E extends object>(folder: string, entry: E, fields: (keyof E & string)[]): void {
  for (const field of fields) {
    const path = entry?.[field];
    if (typeof path === 'string' && path !== '') Object.assign(entry, { [field]: resolve(folder, path) });
  }
}

function mergeFiles(files: readonly KubeConfigFile[]): KubeConfigFile {
  const firsts = <E extends { name: string }>(entries: readonly E[]) =>
    entries.filter((entry, index) => entries.findIndex((other) => other.name === entry.name) === index);
  const current = files.find((file) => (file['current-context'] ?? '') !== '')?.['current-context'];
  return {
    ...(current === undefined ? {} : { 'current-context': current }),
    clusters: firsts(files.flatMap((file) => file.clusters ?? [])),
    users: firsts(files.flatMap((file) => file.users ?? [])),
    contexts: firsts(files.flatMap((file) => file.contexts ?? [])),
  };
}

async function configOf(file: KubeConfigFile, wanted: string | undefined): Promise<KubeConfig> {
  const name = wanted ?? file['current-context'];
  if (name === undefined) throw new KubeConfigError('the kubeconfig names no current context');
  const context = file.contexts?.find((entry) => entry.name === name)?.context;
  if (context === undefined) throw new KubeConfigError(`the kubeconfig has no context ${name}`);
  const cluster = file.clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  const user = file.users?.find((entry) => entry.name === context.user)?.user ?? {};
  if (cluster?.server === undefined || !URL.canParse(cluster.server)) {
    throw new KubeConfigError(`the kubeconfig's cluster ${context.cluster} names no server`);
  }
  if (cluster['proxy-url'] !== undefined) {
    throw new KubeConfigError(
      `the kubeconfig's cluster ${context.cluster} asks for a proxy, which is not supported`,
    );
  }
  const needsPlugin = user.exec !== undefined || user['auth-provider'] !== undefined;
  return {
    server: new URL(cluster.server),
    credentials: needsPlugin
      ? (await import('./plugin-credentials.ts')).pluginCredentials(file, name)
      : await simpleCredentials(cluster, user),
    namespace: context.namespace || 'default',
  };
}

async function simpleCredentials(cluster: ClusterEntry, user: UserEntry): Promise<Credentials> {
  const [cert, key] = await Promise.all([
    pem(user['client-certificate-data'], user['client-certificate']),
    pem(user['client-key-data'], user['client-key']),
  ]);
  const caData = cluster['certificate-authority-data'];
  const tls: TlsMaterial = {
    ca: caData ? Buffer.from(caData, 'base64').toString('utf8') : undefined,
    cert,
    key,
    serverName: cluster['tls-server-name'],
    insecureSkipVerify: cluster['insecure-skip-tls-verify'],
  };
  const caFile = caData ? undefined : cluster['certificate-authority'];
  const headers: Record<string, string | string[]> = impersonation(user);
  if (user.token && !user.tokenFile) headers.authorization = `Bearer ${user.token}`;
  return fileCredentials({
    // tokenFile goes before token, as in client-go.
    token: user.tokenFile ? new FileText(user.tokenFile) : undefined,
    ca: caFile ? new FileText(caFile) : undefined,
    tls,
    headers,
  });
}

async function pem(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  if (!path) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KubeConfigError(`${path}, named by the kubeconfig, cannot be read`, error);
  }
}
