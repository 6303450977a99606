import { KubeConfig as ClientNodeConfig } from '@kubernetes/client-node';
import type { Credentials, Headers } from './credentials.ts';
import { impersonation, type KubeConfigFile } from './kubeconfig-file.ts';
import type { TlsMaterial } from './transport.ts';

/** Asking again for what the plugin has cached costs little, but not nothing. */
const KEEP_MS = 5_000;

interface Answer {
  readonly headers: Headers;
  readonly tls: TlsMaterial;
  readonly at: number;
}

/**
 * Credentials of `exec` and `auth-provider` users (cloud logins, OIDC), by @kubernetes/client-node,
 * which runs the plugin and keeps what it gave until it expires.
 */
export function pluginCredentials(file: KubeConfigFile, context: string): Credentials {
  let config = load(file, context);
  let answer: Answer | undefined;
  let asked: Promise<Answer> | undefined;

  const ask = async (): Promise<Answer> => {
    const options: Parameters<ClientNodeConfig['applyToHTTPSOptions']>[0] = {};
    await config.applyToHTTPSOptions(options);
    const authorization = (options.headers as Record<string, string> | undefined)?.Authorization;
    const fresh: TlsMaterial = {
      ca: text(options.ca),
      cert: text(options.cert),
      key: text(options.key),
      serverName: options.servername,
      insecureSkipVerify: options.rejectUnauthorized === false,
    };
    const same = answer !== undefined && JSON.stringify(answer.tls) === JSON.stringify(fresh);
    const user = file.users?.find((entry) => entry.name === config.getCurrentUser()?.name)?.user ?? {};
    return {
      headers: { ...impersonation(user), ...(authorization === undefined ? {} : { authorization }) },
      tls: same && answer !== undefined ? answer.tls : fresh,
      at: Date.now(),
    };
  };
  const current = async (): Promise<Answer> => {
    if (answer !== undefined && Date.now() - answer.at < KEEP_MS) return answer;
    // Calls at the same time share one run of the plugin.
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    answer = await asked;
    return answer;
  };

  return {
    headers: async () => (await current()).headers,
    tls: async () => (await current()).tls,
    async refresh() {
      // Only a new object forgets a token that has not expired and is refused all the same.
      config = load(file, context);
      answer = undefined;
      return true;
    },
  };
}

function load(file: KubeConfigFile, context: string): ClientNodeConfig {
  const config = new ClientNodeConfig();
  config.loadFromString(JSON.stringify(file));
  config.setCurrentContext(context);
  return config;
}

function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}
