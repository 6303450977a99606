import type { MetadataOnly } from '#kube/kube.ts';

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

export const FIELD_MANAGER = 'seneschal-binding';
