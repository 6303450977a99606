import type { CustomResource, Kind, Spec } from '#api/v1alpha1/kinds.ts';
import { SPECS } from '#api/v1alpha1/kinds.ts';
import { readSpec } from '#api/v1alpha1/validate.ts';

/** A spec that passed its schema, or the sentence that says where and why it did not. */
export type Validated<K extends Kind> =
  | { readonly spec: Spec<K>; readonly problem: null }
  | { readonly spec: null; readonly problem: string };

/** Objects in a cache are never changed in place, so a spec that was checked once need not be checked again. */
const checked = new WeakMap<object, Validated<Kind>>();

/** The spec of an object, checked again: an API server may hold what an older CRD accepted. */
export function validated<K extends Kind>(object: CustomResource<K>): Validated<K> {
  const raw: unknown = object.spec;
  if (typeof raw !== 'object' || raw === null) return { spec: null, problem: 'spec: must be an object' };
  const known = checked.get(raw);
  if (known !== undefined) return known as Validated<K>;
  const answer = check(object.kind, raw);
  checked.set(raw, answer);
  return answer as Validated<K>;
}

function check(kind: Kind, raw: object): Validated<Kind> {
  const read = readSpec(raw);
  if (read !== undefined) return { spec: read as Spec<Kind>, problem: null };
  const result = SPECS[kind].safeParse(raw);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = ['spec', ...(issue?.path ?? [])].map(String).join('.');
    return { spec: null, problem: `${path}: ${issue?.message ?? 'is not valid'}` };
  }
  return { spec: result.data as Spec<Kind>, problem: null };
}
