/**
 * Logs in by a program that a kubeconfig names (cloud logins, OIDC), as kubectl does:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import type { Credentials } from './credentials.ts';
import { runPlugin } from './exec-plugin.ts';
import { type ExecEntry, isObject, KubeConfigError } from './kubeconfig-file.ts';
import type { TlsMaterial } from './transport.ts';

/** What ends so soon is asked for again before it is refused on the way. */
const EARLY_MS = 10_000;
/** Calls that were refused together are answered by one run of the plugin. */
const JUST_NOW_MS = 1_000;

export interface ExecPlugin {
  readonly exec: ExecEntry;
  /** File and user, for messages. */
  readonly where: string;
  /** `spec.cluster` of what the plugin is told; its certificate authority comes from `base`. */
  readonly cluster?: Readonly<Record<string, unknown>> | undefined;
  /** Of the cluster, and impersonation. */
  readonly base: Credentials;
  readonly timeLimitMs?: number;
  readonly now?: () => number;
}

interface Login {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly until: number;
}

/** Each method throws KubeConfigError when the plugin fails, with its own words but nothing of what it printed as credential. */
export function execCredentials(plugin: ExecPlugin): Credentials {
  const now = plugin.now ?? Date.now;
  let login: Login | undefined;
  let running: Promise<Login> | undefined;
  let tls: TlsMaterial = {};
  /** The last token: a plugin that fails may complain about it. */
  let seen: readonly string[] = [];

  const isJustNow = () => login !== undefined && now() - login.at < JUST_NOW_MS;
  const current = async (): Promise<Login> => {
    if (login !== undefined && (isJustNow() || login.until - EARLY_MS > now())) return login;
    running ??= logIn(plugin, now, seen).finally(() => {
      running = undefined;
    });
    login = await running;
    if (login.token !== undefined) seen = [login.token];
    return login;
  };

  return {
    async headers() {
      const { token } = await current();
      const headers = await plugin.base.headers();
      return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
    },
    async tls() {
      const { cert, key } = await current();
      const fresh = { ...(await plugin.base.tls()), cert, key };
      if (JSON.stringify(fresh) !== JSON.stringify(tls)) tls = fresh;
      return tls;
    },
    async refresh() {
      if (isJustNow()) return true;
      const refused = login;
      login = undefined;
      const fresh = await current();
      return fresh.token !== refused?.token || fresh.cert !== refused?.cert;
    },
  };
}

async function logIn(plugin: ExecPlugin, now: () => number, secrets: readonly string[]): Promise<Login> {
  const { exec, where, timeLimitMs } = plugin;
  const { ca } = await plugin.base.tls();
  const authority =
    ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const cluster = plugin.cluster === undefined ? {} : { cluster: { ...plugin.cluster, ...authority } };
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...cluster },
  };
  const text = await runPlugin({ exec, where, info: JSON.stringify(info), secrets, timeLimitMs });
  const refuse = (what: string): never => {
    throw new KubeConfigError(`${where}: the exec plugin ${exec.command} ${what}`, 'Update the plugin.');
  };
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the text.
    return refuse('printed something else than JSON');
  }
  if (!isObject(answer) || answer.kind !== 'ExecCredential') return refuse('printed no ExecCredential');
  if (answer.apiVersion !== exec.apiVersion) return refuse(`did not answer in ${exec.apiVersion}`);
  const status = isObject(answer.status) ? answer.status : {};
  const field = (name: string): string | undefined => {
    const value = status[name] ?? '';
    return typeof value === 'string' ? value || undefined : refuse(`gave a ${name} that is no text`);
  };
  const token = field('token');
  const cert = field('clientCertificateData');
  const key = field('clientKeyData');
  const expiration = field('expirationTimestamp');
  const until = expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiration);
  if (token === undefined && cert === undefined && key === undefined) return refuse('gave no credential');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    return refuse('gave a token that no header takes');
  if ((cert === undefined) !== (key === undefined)) return refuse('gave a certificate or its key alone');
  if (Number.isNaN(until)) return refuse('gave an expirationTimestamp that is no time');
  return { token, cert, key, at: now(), until };
}
