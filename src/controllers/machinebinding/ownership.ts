/** Whose a Secret and its content are, told from its metadata. Pure. */
import type { MetadataOnly } from '#kube/kube.ts';
import { annotationOf, type BindingIdentity, labelOf, type SecretRole } from './marks.ts';

export const FIELD_MANAGER = 'seneschal-binding';

/** The binding that asks whether a Secret is its own. */
export interface Owner {
  readonly binding: BindingIdentity;
  /** Whether there is a MachineBinding of that UID. */
  readonly isLive: (uid: string) => boolean;
}

/** Whose a Secret is by its label; `inherited`: of an object of this binding's name and machine that is no more. */
export function ownerOf(secret: MetadataOnly, { binding, isLive }: Owner): 'own' | 'inherited' | 'foreign' {
  const uid = labelOf(secret, 'binding');
  if (uid === undefined) return 'foreign';
  if (uid === binding.uid) return 'own';
  const same =
    annotationOf(secret, 'binding') === binding.name &&
    annotationOf(secret, 'machineName') === binding.machineName;
  return same && !isLive(uid) ? 'inherited' : 'foreign';
}

/** Whether a Secret is the binding's, and has one of these uses. */
export function isOurs(secret: MetadataOnly, roles: readonly SecretRole[], owner: Owner): boolean {
  return roles.some((role) => role === labelOf(secret, 'role')) && ownerOf(secret, owner) !== 'foreign';
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
