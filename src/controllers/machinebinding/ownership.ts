/**
 * Whose a Secret and its content are. Pure.
 * Decides rail 11: which Secret is a binding's own, which it takes over, and which may be deleted.
 */
import type { MetadataOnly, Secret } from '#kube/kube.ts';
import { isSameAddress } from '#model/vault-address.ts';
import { annotationOf, asWritten, type BindingIdentity, namesOf, placeOf, roleOf, useAs } from './marks.ts';
import { contentText, type Seals, type SecretRole } from './seals.ts';

export const FIELD_MANAGER = 'seneschal-binding';

/**
 * What a binding may make of a Secret, told from its metadata.
 * - `own`: the seal verifies, and label and marks are this binding's.
 * - `inherited`: the seal verifies; label and marks are an earlier object's, or lost, and are written anew.
 * - `unproven`: it names this binding, and no key that we have tells who sealed it. Its content has to prove it.
 * - `moved`: written by us for another vault, or another address of it. Where a move is allowed it is written anew, and a
 *   private half in it goes nowhere; else it is neither used nor changed.
 * - `foreign`: anything else, as a copy under another name or in another namespace.
 */
export type Claim = 'own' | 'inherited' | 'unproven' | 'moved' | 'foreign';

/** The claim of `binding` on a Secret that has `role`. Labels decide nothing: anybody can copy one. */
export function claimOn(
  secret: MetadataOnly,
  role: SecretRole,
  binding: BindingIdentity,
  seals: Seals,
): Claim {
  const written = asWritten(binding, secret);
  const isHere = isSameAddress(written.vault, binding.vault);
  const place = placeOf(written, secret.metadata.name, useAs(secret, role));
  switch (seals.verify(annotationOf(secret, 'seal'), 'place', place)) {
    case 'valid':
      if (!isHere) return 'moved';
      return hasNames(secret, binding, role) ? 'own' : 'inherited';
    case 'unknown-key':
      return isHere && namesBinding(secret, binding, role) ? 'unproven' : 'foreign';
    case 'invalid':
      return 'foreign';
  }
}

/** Whether a Secret is the binding's by its seal: what may be written over, and deleted once its content is proven too. */
export function isSealed(claim: Claim): claim is 'own' | 'inherited' {
  return claim === 'own' || claim === 'inherited';
}

/** Whether the content is what was sealed at its place; asked of a Secret whose claim is sealed. */
export function holdsWhatWasSealed(
  secret: Secret,
  role: SecretRole,
  binding: BindingIdentity,
  seals: Seals,
): boolean {
  const place = placeOf(binding, secret.metadata.name, useAs(secret, role));
  const seal = annotationOf(secret, 'contentSeal');
  return seals.verify(seal, 'content', place, contentText(secret.data ?? {})) === 'valid';
}

function hasNames({ metadata }: MetadataOnly, binding: BindingIdentity, role: SecretRole): boolean {
  const { labels, annotations } = namesOf(binding, role);
  return (
    Object.entries(labels).every(([label, value]) => metadata.labels?.[label] === value) &&
    Object.entries(annotations).every(([name, value]) => metadata.annotations?.[name] === value)
  );
}

function namesBinding(secret: MetadataOnly, binding: BindingIdentity, role: SecretRole): boolean {
  return (
    roleOf(secret) === role &&
    annotationOf(secret, 'binding') === binding.name &&
    annotationOf(secret, 'machineName') === binding.machineName
  );
}

/** Fields of a Secret that are its content. */
const CONTENT_FIELDS = ['f:data', 'f:stringData', 'f:type', 'f:immutable'] as const;

/** The keys of `data` that anybody owns. */
export function dataKeys(object: MetadataOnly): Set<string> {
  const keys = new Set<string>();
  for (const { fieldsV1 } of object.metadata.managedFields ?? []) {
    for (const field of Object.keys(asFields(fieldsV1?.['f:data']))) {
      if (field.startsWith('f:')) keys.add(field.slice(2));
    }
  }
  return keys;
}

/** The keys of `data` that one manager owns, sorted. */
export function ownKeys(object: MetadataOnly, fieldManager: string): readonly string[] {
  const keys = new Set<string>();
  for (const { manager, fieldsV1 } of object.metadata.managedFields ?? []) {
    if (manager !== fieldManager) continue;
    for (const field of Object.keys(asFields(fieldsV1?.['f:data'])))
      if (field.startsWith('f:')) keys.add(field.slice(2));
  }
  return [...keys].sort();
}

/** Who else owns a key of `data`. */
export function otherOwners(object: MetadataOnly, fieldManager: string, key: string): readonly string[] {
  return (object.metadata.managedFields ?? [])
    .filter(
      ({ manager, fieldsV1 }) =>
        manager !== fieldManager && `f:${key}` in (asFields(fieldsV1?.['f:data']) as Record<string, unknown>),
    )
    .map(({ manager }) => manager ?? 'somebody');
}

/** Labels and annotations that one manager owns. */
export function ownMetadata(
  object: MetadataOnly,
  fieldManager: string,
): { readonly labels: readonly string[]; readonly annotations: readonly string[] } {
  const owned = (field: string): string[] =>
    (object.metadata.managedFields ?? [])
      .filter(({ manager }) => manager === fieldManager)
      .flatMap(({ fieldsV1 }) => {
        const metadata = asFields(fieldsV1?.['f:metadata']) as Record<string, unknown>;
        return Object.keys(asFields(metadata[field]));
      })
      .flatMap((name) => (name.startsWith('f:') ? [name.slice(2)] : []));
  return { labels: owned('f:labels'), annotations: owned('f:annotations') };
}

/** True if another manager owns content, or a key is missing from what we own, or is there beyond it. */
export function isEdited(object: MetadataOnly, fieldManager: string, keys: readonly string[]): boolean {
  const own = new Set<string>();
  for (const { manager, fieldsV1 } of object.metadata.managedFields ?? []) {
    if (manager !== fieldManager) {
      if (CONTENT_FIELDS.some((field) => fieldsV1?.[field] !== undefined)) return true;
      continue;
    }
    for (const field of Object.keys(asFields(fieldsV1?.['f:data']))) {
      if (field.startsWith('f:')) own.add(field.slice(2));
    }
  }
  return own.size !== keys.length || keys.some((key) => !own.has(key));
}

function asFields(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
