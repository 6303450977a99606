/** How Secrets that the operator writes are told from all others: labels, annotations and seals. */
import { GROUP } from '#api/v1alpha1/kinds.ts';
import type { MetadataOnly } from '#kube/kube.ts';

export const LABELS = {
  /** UID of the MachineBinding that the Secret belongs to. No ownerReference: garbage collection would destroy keys that a rail still holds. */
  binding: `${GROUP}/binding-uid`,
  role: `${GROUP}/role`,
} as const;

/** Selects every Secret of ours; what the metadata watch asks for. */
export const SECRET_SELECTOR = LABELS.binding;

export const SECRET_ANNOTATIONS = {
  /** Name of the MachineBinding, in the Secret's namespace. */
  binding: `${GROUP}/binding`,
  /** Name of its Organization. */
  organization: `${GROUP}/organization`,
  machineName: `${GROUP}/machine-name`,
  /** Standard base64 of the raw public key of the private half within. */
  publicKey: `${GROUP}/public-key`,
  /** Seal over binding UID and public key. */
  keySeal: `${GROUP}/key-seal`,
  /** Seal over what else an identity bundle says. */
  identitySeal: `${GROUP}/identity-seal`,
  /** Seal over the ids and versions of a target's values and the keys they are under. */
  sourceSeal: `${GROUP}/source-seal`,
  /** Seal over a target's content. */
  contentSeal: `${GROUP}/content-seal`,
} as const;

/** `identity` is what pods mount; `staging` holds a key that is not registered yet, or not mounted yet. */
export type SecretRole = 'identity' | 'staging' | 'target';

/** The binding that a Secret says it belongs to. */
export interface BindingIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly organization: string;
  readonly machineName: string;
}

/** Labels and annotations that every Secret of a binding carries; a seal among them proves the rest. */
export function marksOf(
  binding: BindingIdentity,
  role: SecretRole,
): { labels: Record<string, string>; annotations: Record<string, string> } {
  return {
    labels: {
      [LABELS.binding]: binding.uid,
      [LABELS.role]: role,
      'app.kubernetes.io/managed-by': 'seneschal',
    },
    annotations: {
      [SECRET_ANNOTATIONS.binding]: binding.name,
      [SECRET_ANNOTATIONS.organization]: binding.organization,
      [SECRET_ANNOTATIONS.machineName]: binding.machineName,
    },
  };
}

export function labelOf(object: MetadataOnly, label: keyof typeof LABELS): string | undefined {
  return object.metadata.labels?.[LABELS[label]];
}

export function annotationOf(
  object: MetadataOnly,
  annotation: keyof typeof SECRET_ANNOTATIONS,
): string | undefined {
  return object.metadata.annotations?.[SECRET_ANNOTATIONS[annotation]];
}
