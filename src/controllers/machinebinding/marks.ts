/** How Secrets that the operator writes are told from all others: labels, annotations and seals. */

import { GROUP } from '#api/v1alpha1/kinds.ts';
import type { MetadataOnly } from '#kube/kube.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import { contentText, type SealedPlace, type Seals, type SecretRole } from './seals.ts';

const LABELS = {
  /** UID of the MachineBinding that the Secret belongs to. No ownerReference: garbage collection would destroy keys that a rail still holds. */
  binding: `${GROUP}/binding-uid`,
  role: `${GROUP}/role`,
} as const;

/** Selects every Secret of ours; what the metadata watch asks for. A copy has the label too: it proves nothing. */
export const SECRET_SELECTOR = LABELS.binding;

export const SECRET_ANNOTATIONS = {
  /** Name of the MachineBinding, in the Secret's namespace. */
  binding: `${GROUP}/binding`,
  /** Name of its Organization; of one in another namespace `namespace/name`. */
  organization: `${GROUP}/organization`,
  machineName: `${GROUP}/machine-name`,
  /** The vault that key or values are of. */
  vaultUrl: `${GROUP}/vault-url`,
  vaultId: `${GROUP}/vault-id`,
  /** Standard base64 of the raw public key of the private half within. */
  publicKey: `${GROUP}/public-key`,
  /** Seal over the place. */
  seal: `${GROUP}/seal`,
  /** Seal over what is within. */
  contentSeal: `${GROUP}/content-seal`,
  /** Seal over what else an identity bundle says. */
  identitySeal: `${GROUP}/identity-seal`,
  /** When the mounted key came into the Secret; RFC 3339. */
  keySince: `${GROUP}/key-since`,
  /** `spec.key.epoch` for which the key was made. */
  keyEpoch: `${GROUP}/key-epoch`,
  /** Fingerprint of the key in whose place the mounted one came. */
  keyBefore: `${GROUP}/key-before`,
  /** Of a staged key: fingerprint of the mounted one that it is to follow. */
  keyFollows: `${GROUP}/key-follows`,
  /** Seal over what a target was made of: its shape, ids and versions of its values, and the keys it has. */
  sourceSeal: `${GROUP}/source-seal`,
  /** `secretName` of the target; the Secret has another name where it is immutable. */
  target: `${GROUP}/target`,
  /** `deletionPolicy` of the target: what becomes of the Secret when nothing declares it any more. */
  deletionPolicy: `${GROUP}/deletion-policy`,
  /** By whom it may be merged into: set by whoever owns the Secret, the name of a MachineBinding. */
  merge: `${GROUP}/merge`,
  /** Keys that were merged into a Secret of others, as a JSON list, and the seal over it. */
  mergedKeys: `${GROUP}/merged-keys`,
  mergedSeal: `${GROUP}/merged-seal`,
} as const;

/** The binding that a Secret says it belongs to, and the vault that it is connected to. */
export interface BindingIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly organization: string;
  readonly machineName: string;
  readonly vault: VaultAddress;
}

/** What a binding may have a Secret for; a key's with its public half, standard base64. */
export type SecretUse =
  | { readonly role: 'identity' | 'staging'; readonly publicKey: string }
  | { readonly role: 'target' | 'merged' };

/** The place of a binding's Secret. */
export function placeOf(binding: BindingIdentity, secretName: string, use: SecretUse): SealedPlace {
  const { namespace, name: bindingName, machineName, vault } = binding;
  const publicKey = 'publicKey' in use ? use.publicKey : null;
  return { namespace, secretName, role: use.role, bindingName, machineName, vault, publicKey };
}

interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Labels and annotations that every Secret of a binding carries, without the seals that prove them. */
export function namesOf(binding: BindingIdentity, role: SecretRole): Marks {
  return {
    labels: {
      [LABELS.binding]: binding.uid,
      [LABELS.role]: role,
      // A Secret that is merged into is managed by somebody else.
      ...(role === 'merged' ? {} : { 'app.kubernetes.io/managed-by': 'seneschal' }),
    },
    annotations: {
      [SECRET_ANNOTATIONS.binding]: binding.name,
      [SECRET_ANNOTATIONS.organization]: binding.organization,
      [SECRET_ANNOTATIONS.machineName]: binding.machineName,
      [SECRET_ANNOTATIONS.vaultUrl]: binding.vault.url,
      [SECRET_ANNOTATIONS.vaultId]: binding.vault.vaultId,
    },
  };
}

/** The same with the seals over place and content; `data` as the API server holds it. */
export function marksOf(
  binding: BindingIdentity,
  secretName: string,
  use: SecretUse,
  data: Readonly<Record<string, string>>,
  seals: Seals,
): Marks {
  const place = placeOf(binding, secretName, use);
  const { labels, annotations } = namesOf(binding, use.role);
  return {
    labels,
    annotations: {
      ...annotations,
      ...(place.publicKey === null ? {} : { [SECRET_ANNOTATIONS.publicKey]: place.publicKey }),
      [SECRET_ANNOTATIONS.seal]: seals.make('place', place),
      [SECRET_ANNOTATIONS.contentSeal]: seals.make('content', place, contentText(data)),
    },
  };
}

/** What takes labels and annotations of ours off a Secret by a merge patch. */
export function marksTakenOff(secret: MetadataOnly): {
  readonly labels: object;
  readonly annotations: object;
} {
  const off = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
  const { [SECRET_ANNOTATIONS.merge]: _, ...annotations } = secret.metadata.annotations ?? {};
  return {
    labels: off(Object.values(LABELS)),
    annotations: off(Object.keys(annotations).filter((name) => name.startsWith(`${GROUP}/`))),
  };
}

function labelOf(object: MetadataOnly, label: keyof typeof LABELS): string | undefined {
  return object.metadata.labels?.[LABELS[label]];
}

export function annotationOf(
  object: MetadataOnly,
  annotation: keyof typeof SECRET_ANNOTATIONS,
): string | undefined {
  return object.metadata.annotations?.[SECRET_ANNOTATIONS[annotation]];
}

/** `namespace/name` of the Organization that a Secret says it belongs to. */
export function organizationKeyIn(secret: MetadataOnly): string {
  const said = annotationOf(secret, 'organization') ?? '';
  return said.includes('/') ? said : `${secret.metadata.namespace ?? ''}/${said}`;
}

/** The binding as it was when the Secret was written: of the vault that the Secret says; the seal tells if that is so. */
export function asWritten(binding: BindingIdentity, secret: MetadataOnly): BindingIdentity {
  const url = annotationOf(secret, 'vaultUrl') ?? binding.vault.url;
  const vaultId = annotationOf(secret, 'vaultId') ?? binding.vault.vaultId;
  return { ...binding, vault: { url, vaultId } };
}

const ROLES: readonly SecretRole[] = ['identity', 'staging', 'target', 'merged'];

/** What a Secret says it is for; undefined where it says nothing that a Secret of ours would. */
export function roleOf(secret: MetadataOnly): SecretRole | undefined {
  const role = labelOf(secret, 'role');
  return ROLES.find((each) => each === role);
}

/** The use of a Secret that has `role`, with the public key that it names. */
export function useAs(secret: MetadataOnly, role: SecretRole): SecretUse {
  return role === 'target' || role === 'merged'
    ? { role }
    : { role, publicKey: annotationOf(secret, 'publicKey') ?? '' };
}
