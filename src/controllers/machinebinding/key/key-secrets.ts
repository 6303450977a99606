/** The two Secrets of a machine key, as they are written. They hold the private half in the clear. */
import { type IdentityFacts, identityBundle, PRIVATE_KEY_FILE } from '#identity/bundle.ts';
import { type KeyPair, parsePrivatePem, privatePem } from '#identity/key-pair.ts';
import type { ObjectMeta, Secret } from '#kube/kube.ts';
import { annotationOf, type BindingIdentity, marksOf, placeOf, SECRET_ANNOTATIONS } from '../marks.ts';
import type { Seals } from '../seals.ts';
import { type KeyHistory, type StagedFor, stagedMarks, withHistory } from './key-history.ts';

/** Its name is a claim, like every name of a Secret that a binding writes. */
export function stagingNameOf(secretName: string): string {
  return `${secretName}-next`;
}

/** Names of Secrets that the key of a binding claims. */
export function keySecretNames(secretName: string): readonly string[] {
  return [secretName, stagingNameOf(secretName)];
}

/** Immutable: what was staged is what is registered and mounted, or nothing is. */
export function stagingSecret(
  secretName: string,
  binding: BindingIdentity,
  keys: KeyPair,
  seals: Seals,
  made: StagedFor,
): Secret {
  const name = stagingNameOf(secretName);
  const use = { role: 'staging', publicKey: keys.publicKey.text } as const;
  const data = encoded({ [PRIVATE_KEY_FILE]: privatePem(keys.privateKey) });
  const { labels, annotations } = marksOf(binding, name, use, data, seals);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: binding.namespace,
      labels,
      annotations: { ...annotations, ...stagedMarks(made) },
    },
    type: 'Opaque',
    immutable: true,
    data,
  };
}

/** What pods mount. Labels and annotations that others put on `present` stay; `history` is that of the key. */
export function identitySecret(
  secretName: string,
  binding: BindingIdentity,
  keys: KeyPair,
  facts: IdentityFacts,
  seals: Seals,
  { present, history }: { readonly present?: Secret | undefined; readonly history: KeyHistory },
): Secret {
  const publicKey = keys.publicKey.text;
  const data = encoded(identityBundle(facts, keys));
  const use = { role: 'identity', publicKey } as const;
  const { labels, annotations } = marksOf(binding, secretName, use, data, seals);
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
        ...withHistory(others.annotations ?? {}, history),
        ...annotations,
        [SECRET_ANNOTATIONS.identitySeal]: identitySeal(secretName, binding, publicKey, facts, seals),
      },
    },
    type: 'Opaque',
    data,
  };
}

/** Over what a bundle says beside its key: another CA or mount path gives another seal. */
export function identitySeal(
  secretName: string,
  binding: BindingIdentity,
  publicKey: string,
  facts: IdentityFacts,
  seals: Seals,
): string {
  const { machineId, machineName, vaultId, apiUrl, mountPath, caCertificate } = facts;
  const said = JSON.stringify([machineId, machineName, vaultId, apiUrl, mountPath, caCertificate]);
  return seals.make('identity', placeOf(binding, secretName, { role: 'identity', publicKey }), said);
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
