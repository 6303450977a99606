/** The two Secrets of a machine key, as they are written. They hold the private half in the clear. */
import { type IdentityFacts, identityBundle, PRIVATE_KEY_FILE } from '#identity/bundle.ts';
import type { InstallationKey } from '#identity/installation-key.ts';
import { type KeyPair, type PublicKey, parsePrivatePem, privatePem } from '#identity/key-pair.ts';
import type { ObjectMeta, Secret } from '#kube/kube.ts';
import { annotationOf, type BindingIdentity, marksOf, SECRET_ANNOTATIONS } from '../marks.ts';

/** Its name is a claim, like every name of a Secret that a binding writes. */
export function stagingNameOf(secretName: string): string {
  return `${secretName}-next`;
}

/** Immutable: what was staged is what is registered and mounted, or nothing is. */
export function stagingSecret(
  secretName: string,
  binding: BindingIdentity,
  keys: KeyPair,
  installation: InstallationKey,
): Secret {
  const { labels, annotations } = marksOf(binding, 'staging');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: stagingNameOf(secretName),
      namespace: binding.namespace,
      labels,
      annotations: { ...annotations, ...keyMarks(binding, keys.publicKey, installation) },
    },
    type: 'Opaque',
    immutable: true,
    data: encoded({ [PRIVATE_KEY_FILE]: privatePem(keys.privateKey) }),
  };
}

/** What pods mount. Labels and annotations that others put on `present` stay. */
export function identitySecret(
  secretName: string,
  binding: BindingIdentity,
  keys: KeyPair,
  facts: IdentityFacts,
  installation: InstallationKey,
  present?: Secret,
): Secret {
  const { labels, annotations } = marksOf(binding, 'identity');
  const others: Partial<ObjectMeta> = present?.metadata ?? {};
  const { uid, resourceVersion } = others;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName,
      namespace: binding.namespace,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      labels: { ...others.labels, ...labels },
      annotations: {
        ...others.annotations,
        ...annotations,
        ...keyMarks(binding, keys.publicKey, installation),
        [SECRET_ANNOTATIONS.identitySeal]: identitySeal(binding, facts, installation),
      },
    },
    type: 'Opaque',
    data: encoded(identityBundle(facts, keys)),
  };
}

export function keyMarks(
  binding: BindingIdentity,
  publicKey: PublicKey,
  installation: InstallationKey,
): Record<string, string> {
  return {
    [SECRET_ANNOTATIONS.publicKey]: publicKey.text,
    [SECRET_ANNOTATIONS.keySeal]: installation.seal('machine-key', [binding.uid, publicKey.text]),
  };
}

/** Over what a bundle says beside its key: another address, CA or mount path gives another seal. */
export function identitySeal(
  binding: BindingIdentity,
  facts: IdentityFacts,
  installation: InstallationKey,
): string {
  const { machineId, machineName, vaultId, apiUrl, mountPath, caCertificate } = facts;
  const said = [machineId, machineName, vaultId, apiUrl, mountPath, caCertificate];
  return installation.seal('identity', [binding.uid, JSON.stringify(said)]);
}

/** Names of the files of a bundle. */
export function identityKeys(facts: IdentityFacts): string[] {
  const files = [
    'identity.json',
    'private.pem',
    'public.pem',
    'vault-id',
    'machine-id',
    'machine-name',
    'api-url',
  ];
  return facts.caCertificate === null ? files : [...files, 'ca.crt'];
}

/** The key pair in a Secret; undefined where its private half is not that of the public key in its annotation. */
export function keyPairIn(secret: Secret): KeyPair | undefined {
  const pem = secret.data?.[PRIVATE_KEY_FILE];
  const keys = pem === undefined ? undefined : parsePrivatePem(Buffer.from(pem, 'base64').toString('utf8'));
  return keys !== undefined && keys.publicKey.text === annotationOf(secret, 'publicKey') ? keys : undefined;
}

function encoded(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'utf8').toString('base64')]),
  );
}
