/** A kubeconfig that is absent or makes no sense. The message names the file and the entry, no values. */
export class KubeConfigError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'KubeConfigError';
  }
}

export interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}

export interface UserEntry {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  exec?: unknown;
  'auth-provider'?: unknown;
}

export interface KubeConfigFile {
  'current-context'?: string;
  clusters?: { name: string; cluster: ClusterEntry }[];
  users?: { name: string; user: UserEntry }[];
  contexts?: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
}

/** Headers of `as`, `as-uid`, `as-groups`. */
export function impersonation(user: UserEntry): Record<string, string | string[]> {
  if (!user.as) return {};
  return {
    'impersonate-user': user.as,
    ...(user['as-uid'] ? { 'impersonate-uid': user['as-uid'] } : {}),
    ...(user['as-groups'] === undefined ? {} : { 'impersonate-group': user['as-groups'] }),
  };
}
