/** The credentials of one organization's vault, read by exact name. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { isForbidden, type KubeClient, SECRETS } from '#kube/kube.ts';
import { SecretValue } from '#model/secret-value.ts';
import { AuthError, WaitingError } from '#runtime/runtime.ts';

/** What a connection is made of. */
export interface VaultAccess {
  readonly url: string;
  readonly vaultId: string;
  /** The Secret's data by key. */
  readonly credentials: ReadonlyMap<string, SecretValue>;
  /** PEM; null: the system's roots. */
  readonly ca: string | null;
  /** Changes when anything of it does. */
  readonly mark: string;
}

/** Key of the CA in `caSecretRef`. */
const CA_KEY = 'ca.crt';

/**
 * Reads the Secrets that an Organization names, in its own namespace. Throws WaitingError `CredentialsMissing`, and AuthError `NamespaceNotEnabled` with the command
 * that enables the namespace: a Secret that may not be read is never taken for absent.
 */
export async function readVaultAccess(
  client: KubeClient,
  namespace: string,
  spec: Spec<'Organization'>,
  enableCommand: (namespace: string) => string,
  signal: AbortSignal,
): Promise<VaultAccess> {
  const { url, vaultId, credentialsSecretRef, caSecretRef } = spec.vault.seneschal;
  const marks: string[] = [url, vaultId];
  const read = async (name: string): Promise<ReadonlyMap<string, SecretValue>> => {
    const secret = await client.find(SECRETS, { namespace, name }, { signal }).catch((error: unknown) => {
      if (isForbidden(error))
        throw new AuthError(
          'NamespaceNotEnabled',
          `The operator may not read Secrets in namespace ${namespace}. Enable it: ${enableCommand(namespace)}`,
          error,
        );
      throw error;
    });
    if (secret === undefined)
      throw new WaitingError('CredentialsMissing', `There is no Secret ${name} in namespace ${namespace}.`);
    marks.push(`${secret.metadata.uid}/${secret.metadata.resourceVersion}`);
    return new Map(
      Object.entries(secret.data ?? {}).map(([key, value]) => [
        key,
        new SecretValue(Buffer.from(value, 'base64').toString('utf8')),
      ]),
    );
  };
  const credentials = await read(credentialsSecretRef.name);
  let ca: string | null = null;
  if (caSecretRef !== undefined) {
    ca = (await read(caSecretRef.name)).get(CA_KEY)?.reveal() ?? null;
    if (ca === null)
      throw new WaitingError(
        'CredentialsMissing',
        `Secret ${caSecretRef.name} in namespace ${namespace} has no key ${CA_KEY}.`,
      );
  }
  return { url, vaultId, credentials, ca, mark: marks.join(' ') };
}
