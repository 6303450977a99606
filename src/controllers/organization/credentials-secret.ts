/** The credentials of one organization's vault, read by exact name. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { isForbidden, type KubeClient, SECRETS } from '#kube/kube.ts';
import { type Credentials, credentialsFrom } from '#provider/seneschal/automation-credentials.ts';
import { AuthError, WaitingError } from '#runtime/runtime.ts';

/** What a connection is made of. */
export interface VaultAccess {
  readonly credentials: Credentials;
  /** Changes when the Secret does: key, address, or authorities. */
  readonly mark: string;
}

/**
 * Reads the Secret that an Organization names, in its own namespace. Throws WaitingError `CredentialsMissing` where there
 * is none, ProviderError `CredentialsMissing` where it lacks something, and AuthError `NamespaceNotEnabled` with the command
 * that enables the namespace: a Secret that may not be read is never taken for absent.
 */
export async function readVaultAccess(
  client: KubeClient,
  namespace: string,
  spec: Spec<'Organization'>,
  enableCommand: (namespace: string) => string,
  signal: AbortSignal,
): Promise<VaultAccess> {
  const { name } = spec.vault.seneschal.credentialsSecretRef;
  const secret = await client.find(SECRETS, { namespace, name }, { signal }).catch((error: unknown) => {
    throw isForbidden(error) ? notEnabled(namespace, enableCommand, error) : error;
  });
  if (secret === undefined)
    throw new WaitingError('CredentialsMissing', `There is no Secret ${name} in namespace ${namespace}.`);
  const texts = Object.entries(secret.data ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString('utf8'),
  ]);
  return {
    credentials: credentialsFrom(Object.fromEntries(texts), `Secret ${name} of namespace ${namespace}`),
    mark: `${secret.metadata.uid}/${secret.metadata.resourceVersion}`,
  };
}

/** Secrets of the namespace may not be read, which is never taken for absence. */
export function notEnabled(
  namespace: string,
  enableCommand: (namespace: string) => string,
  cause?: unknown,
): AuthError {
  const text = `The operator may not read Secrets in namespace ${namespace}. Enable it: ${enableCommand(namespace)}`;
  return new AuthError('NamespaceNotEnabled', text, cause);
}
