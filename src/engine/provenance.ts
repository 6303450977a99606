/** Decides A4: where a change comes from, by what its object tells. */
import { ANNOTATIONS, type ManagedFields, type ObjectMeta } from '#api/v1alpha1/kinds.ts';
import { boundedProvenance } from '#model/claimed-provenance.ts';
import type { Provenance } from '#model/record.ts';
import { type Delivery, deliveryOf, fieldManagerOf, isWriterOf } from './delivery.ts';

/**
 * Where a change comes from, as far as the object itself tells (A4). What delivers it is known by its labels; a spec that
 * somebody else changed last is theirs, whatever annotations and labels say. Else its annotations, what delivers it, or the
 * field manager of the last change; `otherwise` where the object tells nothing. A claim, shown as such, and within its
 * lengths whatever stands on the object: a step is never refused for it.
 */
export function provenanceOf(metadata: ObjectMeta, otherwise: Provenance = {}): Provenance {
  const own = told(metadata);
  return boundedProvenance(Object.keys(own).length > 0 ? own : otherwise);
}

function told(metadata: ObjectMeta): Provenance {
  const delivery = deliveryOf(metadata);
  const change = lastChange(metadata, delivery);
  const changed = {
    ...(change?.manager === undefined ? {} : { fieldManager: change.manager }),
    ...(change?.time === undefined ? {} : { changedAt: change.time }),
  };
  if (delivery !== null && change?.manager !== undefined && !isWriterOf(delivery, change.manager)) {
    return { ...changed, notFromGit: true };
  }
  const annotations = metadata.annotations ?? {};
  const claimed = {
    commit: annotations[ANNOTATIONS.commit],
    path: annotations[ANNOTATIONS.path],
    author: annotations[ANNOTATIONS.author],
    changeUrl: annotations[ANNOTATIONS.changeUrl],
  };
  const present = Object.fromEntries(Object.entries(claimed).filter(([, value]) => value !== undefined));
  if (Object.keys(present).length > 0) return present;
  return delivery === null ? changed : { ...changed, fieldManager: fieldManagerOf(delivery) };
}

/** The last change of the spec. Of several in one second, which is all that their times tell, one beside the delivery. */
function lastChange(metadata: ObjectMeta, delivery: Delivery | null): ManagedFields | undefined {
  const beside = ({ manager = '' }: ManagedFields): boolean =>
    delivery !== null && !isWriterOf(delivery, manager);
  return metadata.managedFields?.filter(isOfSpec).reduce<ManagedFields | undefined>((newest, entry) => {
    if (newest === undefined) return entry;
    const [time, before] = [entry.time ?? '', newest.time ?? ''];
    return time > before || (time === before && beside(entry)) ? entry : newest;
  }, undefined);
}

/** Whoever labels or annotates an object changes nothing that is declared. */
function isOfSpec({ subresource, fieldsV1 }: ManagedFields): boolean {
  return subresource === undefined && (fieldsV1 === undefined || Object.hasOwn(fieldsV1, 'f:spec'));
}
