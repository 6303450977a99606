/** Reads the files of a kubeconfig and merges them; what an entry may say is in kubeconfig-fields.ts. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';

/** A kubeconfig that is absent or makes no sense. The message names the file and the entry, no values. */
export class KubeConfigError extends Error {
  /** Safe to show; the same as `message`. */
  readonly publicMessage: string;
  /** What the user does about it. */
  readonly next: string;

  constructor(what: string, next: string, cause?: unknown) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = 'KubeConfigError';
    this.publicMessage = what;
    this.next = next;
  }
}

export interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  'disable-compression'?: boolean;
  extensions?: { name: string; extension?: unknown }[];
}

/** How a plugin of `client.authentication.k8s.io` is run. */
export interface ExecEntry {
  apiVersion?: string;
  command?: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: string;
}

export interface UserEntry {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  username?: string;
  password?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
  exec?: ExecEntry;
  'auth-provider'?: object;
  extensions?: { name: string; extension?: unknown }[];
}

export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
  extensions?: { name: string; extension?: unknown }[];
}

/** One entry of a list, not checked yet. */
export interface Entry {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The file that it stands in. */
  readonly file: string;
}

/** One file, or several that were merged. */
export interface KubeConfigFile {
  /** Of the paths that were read, as messages name them. */
  readonly file: string;
  readonly currentContext: string | undefined;
  readonly clusters: readonly Entry[];
  readonly users: readonly Entry[];
  readonly contexts: readonly Entry[];
}

/** @throws KubeConfigError */
export async function readKubeConfigFile(path: string): Promise<KubeConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const next = 'Give --kubeconfig, set KUBECONFIG, or run in a pod.';
    throw new KubeConfigError(`kubeconfig ${path} cannot be read`, next, error);
  }
  let document: unknown;
  try {
    // JSON is YAML, and reading it so saves the import of a YAML parser.
    document = text.trimStart().startsWith('{')
      ? JSON.parse(text)
      : (await import('yaml')).default.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold a token.
    const next = 'Correct the file; `kubectl config view` reads the same.';
    throw new KubeConfigError(`kubeconfig ${path} is neither YAML nor JSON`, next);
  }
  if (!isObject(document)) {
    throw new KubeConfigError(`kubeconfig ${path} is empty`, 'Give a file that names a cluster.');
  }
  const currentContext = document['current-context'];
  const entries = (list: string, key: string) => entriesOf(path, document[list], list, key);
  const folder = dirname(resolve(path));
  return {
    file: path,
    currentContext: typeof currentContext === 'string' && currentContext !== '' ? currentContext : undefined,
    clusters: entries('clusters', 'cluster').map(absolute(folder, ['certificate-authority'])),
    users: entries('users', 'user')
      .map(absolute(folder, ['client-certificate', 'client-key', 'tokenFile']))
      .map((user) => withAbsoluteCommand(folder, user)),
    contexts: entries('contexts', 'context'),
  };
}

/** The first file to name an entry wins, and the first to name a current context. */
export function mergeFiles(files: readonly KubeConfigFile[]): KubeConfigFile {
  const firsts = (entries: readonly Entry[]) =>
    entries.filter((entry, index) => entries.findIndex((other) => other.name === entry.name) === index);
  return {
    file: files.map(({ file }) => file).join(', '),
    currentContext: files.find((file) => file.currentContext !== undefined)?.currentContext,
    clusters: firsts(files.flatMap(({ clusters }) => clusters)),
    users: firsts(files.flatMap(({ users }) => users)),
    contexts: firsts(files.flatMap(({ contexts }) => contexts)),
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(file: string, list: unknown, of: string, key: string): Entry[] {
  if (list === undefined || list === null) return [];
  const wrong = new KubeConfigError(
    `kubeconfig ${file}: ${of} must be a list of objects with name and ${key}`,
    `Correct ${of} in that file.`,
  );
  if (!Array.isArray(list)) throw wrong;
  return list.map((entry: unknown) => {
    if (!isObject(entry) || typeof entry.name !== 'string') throw wrong;
    const body = entry[key] ?? {};
    if (!isObject(body)) throw wrong;
    return { name: entry.name, body, file };
  });
}

/** Paths in a kubeconfig are relative to its folder. */
function absolute(folder: string, fields: readonly string[]): (entry: Entry) => Entry {
  return (entry) => {
    const paths = fields.flatMap((field) => {
      const path = entry.body[field];
      return typeof path === 'string' && path !== '' ? [[field, resolve(folder, path)]] : [];
    });
    return { ...entry, body: { ...entry.body, ...Object.fromEntries(paths) } };
  };
}

/** As client-go: a command without a separator is looked up on PATH, any other is a path like the rest. */
function withAbsoluteCommand(folder: string, user: Entry): Entry {
  const { exec } = user.body;
  if (!isObject(exec) || typeof exec.command !== 'string' || !exec.command.includes(sep)) return user;
  return { ...user, body: { ...user.body, exec: { ...exec, command: resolve(folder, exec.command) } } };
}
