/** The Secret that holds the key of this installation of the operator. */
import { installationId } from '#identity/installation-id.ts';
import { InstallationKey } from '#identity/installation-key.ts';
import { isAlreadyExists, type KubeClient, NAMESPACES, SECRETS, type Secret } from '#kube/kube.ts';
import { TerminalError, TransientError } from '#runtime/runtime.ts';

const INSTALLATION_SECRET = 'seneschal-installation';

/**
 * Reads the key of the installation, or makes it once. Two that start at the same time agree: only one POST
 * succeeds, and both go on with what is stored.
 * @throws KubeError, and TerminalError where the Secret exists and holds no key.
 */
export async function loadInstallation(
  kube: KubeClient,
  namespace: string,
  signal?: AbortSignal,
): Promise<InstallationKey> {
  const ref = { namespace, name: INSTALLATION_SECRET };
  const present = await kube.find(SECRETS, ref, { signal });
  if (present !== undefined) return parse(present);
  const key = InstallationKey.random();
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...ref, labels: { 'app.kubernetes.io/managed-by': 'seneschal' } },
    type: 'Opaque',
    immutable: true,
    data: { id: Buffer.from(key.id).toString('base64'), key: key.reveal().toString('base64') },
  };
  try {
    return parse(await kube.create(SECRETS, secret, { signal }));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const others = await kube.find(SECRETS, ref, { signal });
  if (others === undefined) {
    throw new TransientError(
      'KubernetesUnavailable',
      `Secret ${namespace}/${INSTALLATION_SECRET} came and went`,
    );
  }
  return parse(others);
}

/** The namespace by whose UID a cluster is told from others: it is made with the cluster, and never anew. */
const OF_THE_CLUSTER = 'kube-system';

/** As which installation the operator holds leases of vaults (rail 10). Throws KubeError. */
export async function leaseInstallation(
  kube: KubeClient,
  { id }: InstallationKey,
  signal?: AbortSignal,
): Promise<string> {
  const cluster = await kube.get(NAMESPACES, { name: OF_THE_CLUSTER }, { signal });
  return installationId(id, cluster.metadata.uid ?? '');
}

function parse(secret: Secret): InstallationKey {
  const id = Buffer.from(secret.data?.id ?? '', 'base64').toString('utf8');
  const key = Buffer.from(secret.data?.key ?? '', 'base64');
  if (!/^[0-9a-f]{16}$/.test(id) || key.length !== 32) {
    const { namespace, name } = secret.metadata;
    throw new TerminalError(
      'SecretConflict',
      `Secret ${namespace}/${name} holds no key of an installation; delete it to have one made`,
    );
  }
  return new InstallationKey(id, key);
}
