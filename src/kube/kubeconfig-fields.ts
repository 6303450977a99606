/**
 * What the entries of a kubeconfig may say. Each field is known here by name and type; whoever reads one must
 * know all of them, because a field that is passed over may be the one that says who we are.
 */
import {
  type ClusterEntry,
  type ContextEntry,
  type Entry,
  type ExecEntry,
  isObject,
  KubeConfigError,
  type UserEntry,
} from './kubeconfig-file.ts';

type FieldType = 'text' | 'flag' | 'texts' | 'object' | 'lists by name' | 'pairs' | 'anything';
type Fields<E> = { readonly [field in keyof Required<E>]: FieldType };

const CLUSTER: Fields<ClusterEntry> = {
  server: 'text',
  'certificate-authority': 'text',
  'certificate-authority-data': 'text',
  'insecure-skip-tls-verify': 'flag',
  'tls-server-name': 'text',
  'proxy-url': 'text',
  // Answers are never asked for compressed.
  'disable-compression': 'flag',
  // Notes of other tools (minikube writes some); plugins get the one that is theirs.
  extensions: 'anything',
};

const USER: Fields<UserEntry> = {
  token: 'text',
  tokenFile: 'text',
  'client-certificate': 'text',
  'client-certificate-data': 'text',
  'client-key': 'text',
  'client-key-data': 'text',
  username: 'text',
  password: 'text',
  as: 'text',
  'as-uid': 'text',
  'as-groups': 'texts',
  'as-user-extra': 'lists by name',
  exec: 'object',
  'auth-provider': 'object',
  extensions: 'anything',
};

const CONTEXT: Fields<ContextEntry> = {
  cluster: 'text',
  user: 'text',
  namespace: 'text',
  extensions: 'anything',
};

const EXEC: Fields<ExecEntry> = {
  apiVersion: 'text',
  command: 'text',
  args: 'texts',
  env: 'pairs',
  installHint: 'text',
  provideClusterInfo: 'flag',
  interactiveMode: 'text',
};

const isText = (value: unknown) => typeof value === 'string';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const FITS: { readonly [type in FieldType]: (value: unknown) => boolean } = {
  text: isText,
  flag: (value) => typeof value === 'boolean',
  texts: isTexts,
  object: isObject,
  'lists by name': (value) => isObject(value) && Object.values(value).every(isTexts),
  pairs: (value) =>
    Array.isArray(value) &&
    value.every(
      (pair) => isObject(pair) && isText(pair.name) && pair.name !== '' && isText(pair.value ?? ''),
    ),
  anything: () => true,
};

const SHOULD_BE: { readonly [type in FieldType]: string } = {
  text: 'a text (quote it)',
  flag: 'true or false',
  texts: 'a list of texts (quote them)',
  object: 'an object',
  'lists by name': 'lists of texts by name',
  pairs: 'a list of objects with the texts name and value',
  anything: '',
};

/** Refuses by name what an entry must not say. The message never has a value of the entry. */
class Reader {
  readonly #where: string;
  readonly #file: string;

  constructor(kind: string, { name, file }: Entry) {
    this.#where = `kubeconfig ${file}: ${kind} ${name}`;
    this.#file = file;
  }

  /** The fields that are set, as client-go: null and the empty text are as absent. */
  fields<E>(known: Fields<E>, body: Readonly<Record<string, unknown>>, under = ''): E {
    const set = Object.entries(body).filter(([, value]) => value !== null && value !== '');
    for (const [field, value] of set) {
      const type = Object.hasOwn(known, field) ? known[field as keyof E] : undefined;
      if (type === undefined) {
        this.refuse(
          `has a field that is not known: ${under}${field}`,
          'Correct its name or remove the field.',
        );
      } else if (!FITS[type](value)) {
        this.refuse(
          `has ${under}${field} of another type`,
          `${under}${field} must be ${SHOULD_BE[type]}; correct it in ${this.#file}.`,
        );
      }
    }
    return Object.fromEntries(set) as E;
  }

  refuse(what: string, next: string): never {
    throw new KubeConfigError(`${this.#where} ${what}`, next);
  }

  atMostOne<E extends object>(entry: E, fields: readonly (keyof E & string)[]): void {
    const given = fields.filter((field) => entry[field] !== undefined);
    if (given.length > 1) this.refuse(`has ${given.join(' and ')}`, 'Keep one of them.');
  }

  together<E extends object>(entry: E, field: keyof E & string, needs: readonly (keyof E & string)[]): void {
    if (entry[field] === undefined || needs.some((other) => entry[other] !== undefined)) return;
    this.refuse(
      `has ${field} without ${needs.join(' or ')}`,
      `Add ${needs.join(' or ')}, or remove ${field}.`,
    );
  }
}

/** @throws KubeConfigError */
export function contextOf(entry: Entry): ContextEntry {
  return new Reader('context', entry).fields(CONTEXT, entry.body);
}

/** @throws KubeConfigError */
export function clusterOf(entry: Entry): ClusterEntry & { server: string } {
  const reader: Reader = new Reader('cluster', entry);
  const cluster = reader.fields(CLUSTER, entry.body);
  if (cluster['proxy-url'] !== undefined) {
    reader.refuse(
      'asks for a proxy (proxy-url), which is not supported',
      'Reach the API server directly or through a tunnel, and remove proxy-url.',
    );
  }
  reader.atMostOne(cluster, ['certificate-authority', 'certificate-authority-data']);
  const ca = (['certificate-authority', 'certificate-authority-data'] as const).find((it) => cluster[it]);
  // As kubectl: an authority that nobody asks is a mistake.
  if (cluster['insecure-skip-tls-verify'] === true && ca !== undefined) {
    reader.refuse(`has insecure-skip-tls-verify and ${ca}`, 'Remove insecure-skip-tls-verify.');
  }
  const { server } = cluster;
  if (server === undefined || !URL.canParse(server) || !/^https?:/.test(server)) {
    reader.refuse('names no server', 'Set server to https://host:port.');
  }
  return { ...cluster, server };
}

/** @throws KubeConfigError */
export function userOf(entry: Entry): UserEntry {
  const reader = new Reader('user', entry);
  const user = reader.fields(USER, entry.body);
  if (user['auth-provider'] !== undefined) {
    // kubectl took the last of them away in 1.26.
    reader.refuse(
      'has an auth-provider, which Kubernetes has removed',
      'Use an exec plugin: gke-gcloud-auth-plugin for gcp, kubelogin for azure, kubectl-oidc_login for oidc.',
    );
  }
  const given = (['exec', 'token', 'tokenFile', 'username', 'client-certificate'] as const).filter((it) =>
    it === 'client-certificate' ? user[it] || user[`${it}-data`] : user[it],
  );
  if (user.exec !== undefined && given.length > 1) {
    reader.refuse(`has ${given.join(' and ')}`, 'Keep exec or the other.');
  }
  reader.atMostOne(user, ['username', 'token']);
  reader.atMostOne(user, ['username', 'tokenFile']);
  reader.together(user, 'username', ['password']);
  reader.together(user, 'password', ['username']);
  for (const [one, other] of [
    ['client-certificate', 'client-key'],
    ['client-key', 'client-certificate'],
  ] as const) {
    reader.atMostOne(user, [one, `${one}-data`]);
    reader.together(user, one, [other, `${other}-data`]);
    reader.together(user, `${one}-data`, [other, `${other}-data`]);
  }
  for (const field of ['as-uid', 'as-groups', 'as-user-extra'] as const) reader.together(user, field, ['as']);
  return user.exec === undefined ? user : { ...user, exec: execOf(reader, user.exec) };
}

/** The versions that kubectl takes. */
const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

function execOf(reader: Reader, body: ExecEntry): ExecEntry {
  const exec = reader.fields(EXEC, { ...body }, 'exec.');
  if (exec.command === undefined) reader.refuse('has no exec.command', 'Name the plugin there.');
  if (!EXEC_VERSIONS.includes(exec.apiVersion ?? '')) {
    reader.refuse(
      'has an exec.apiVersion that is not supported',
      `Set exec.apiVersion to ${EXEC_VERSIONS.join(' or ')}; the plugin may have to be updated.`,
    );
  }
  // v1beta1 has a default, v1 has none.
  const mode = exec.interactiveMode ?? (exec.apiVersion === EXEC_VERSIONS[1] ? 'IfAvailable' : '');
  if (mode === 'Always') {
    reader.refuse(
      'has exec.interactiveMode Always, and there is nobody to answer the plugin',
      'Log in by the plugin’s own command and set exec.interactiveMode to Never or IfAvailable.',
    );
  }
  if (!['Never', 'IfAvailable'].includes(mode)) {
    reader.refuse(
      'has no exec.interactiveMode that is known',
      'Set exec.interactiveMode to Never or IfAvailable.',
    );
  }
  return exec;
}
