import type { Condition } from '#runtime/runtime.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, type StatusDraft } from './draft.ts';

/** Ready keeps what it was, Unknown where nobody ever looked: a suspended Organization is no more than was known of it. */
export function suspendedStatusOf(object: Resource<'Organization'>, now: number): StatusDraft {
  const previous = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  const types = ((previous.conditions ?? []) as readonly Condition[]).map(({ type }) => type);
  const conditions = new Conditions(object, types, now);
  conditions.suspended('spec.suspend is true: nothing is read or changed.');
  return {
    ...previous,
    ...(object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }),
    conditions: conditions.list,
  };
}
