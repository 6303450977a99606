/**
 * The fields of a member's access, each with the form in which it is compared and the one in which the audit log keeps
 * it. Whoever takes an access apart does it by a table with one entry a field: here, in `planning/why.ts` (the words of a
 * difference), in `raised.ts` (rail 7), and at the vault in the columns of a row and in what an invite takes. So the
 * compiler names each place that does not know a new field yet.
 */
import { canonicalScope } from './access.ts';
import type { Grant, MemberAccess } from './organization.ts';
import type { Json } from './record.ts';
import { sameValue } from './same.ts';
import { compareText } from './text-order.ts';

type ValueOf<Field extends keyof MemberAccess> = Exclude<MemberAccess[Field], undefined>;

interface Form<Value> {
  /** Equal for two values that mean the same, and of the value's own type. */
  canonical(value: Value): Value;
  json(value: Value): Json;
}

const FORMS: { readonly [Field in keyof MemberAccess]-?: Form<ValueOf<Field>> } = {
  expiresAt: { canonical: (expiresAt) => expiresAt, json: (expiresAt) => expiresAt },
  role: { canonical: (role) => role, json: (role) => role },
  template: { canonical: (template) => template, json: (template) => template },
  templateExpiresAt: { canonical: (expiresAt) => expiresAt, json: (expiresAt) => expiresAt },
  projectScope: {
    // Narrowing to all projects narrows nothing (T1).
    canonical: (scope) => (scope === null || scope === 'All' ? null : canonicalScope(scope)),
    json: (scope) => (scope === null || scope === 'All' ? scope : [...scope]),
  },
  grants: {
    canonical: byProject,
    json: (grants) => grants.map((grant) => ({ ...grant })),
  },
};

/** In the order in which a difference is looked for. */
export const ACCESS_FIELDS = Object.keys(FORMS) as readonly (keyof MemberAccess)[];

/** The access alone, out of a member or of a step that has more. */
export function accessOf(member: MemberAccess): MemberAccess {
  return eachField((field) => member[field]) as MemberAccess;
}

/** A member, or whatever else has an access, with another one: an end that it has not is none. */
export function withAccess<Holder extends MemberAccess>(holder: Holder, access: MemberAccess): Holder {
  const { expiresAt: _, templateExpiresAt: __, ...rest } = holder;
  return { ...rest, ...accessOf(access) } as Holder;
}

/** All but the grants, which are items that other objects declare too; whatever else there is falls away. */
export function withoutGrants(fields: Omit<MemberAccess, 'grants'>): Omit<MemberAccess, 'grants'> {
  const { grants: _, ...rest } = accessOf({ ...fields, grants: [] });
  return rest;
}

/** The form in which two are compared. */
export function canonicalAccess(access: MemberAccess): MemberAccess {
  return eachField((field) => present(access[field], formOf(field).canonical)) as MemberAccess;
}

/** Whether two give the same, however they say it. */
export function isSameAccess(one: MemberAccess, other: MemberAccess): boolean {
  return sameValue(canonicalAccess(one), canonicalAccess(other));
}

/** As the audit log keeps it. */
export function accessJson(access: MemberAccess): { readonly [Field in keyof MemberAccess]: Json } {
  return eachField((field) => present(access[field], formOf(field).json)) as {
    readonly [Field in keyof MemberAccess]: Json;
  };
}

/** One grant a project, sorted. */
export function byProject(grants: Iterable<Grant>): Grant[] {
  return [...grants].sort((a, b) => compareText(a.project, b.project));
}

/** The form of a field, for the value of that field alone. */
function formOf(field: keyof MemberAccess): Form<unknown> {
  return FORMS[field] as Form<unknown>;
}

function present<Value>(value: unknown, of: (value: unknown) => Value): Value | undefined {
  return value === undefined ? undefined : of(value);
}

/** Fields that are absent stay so. */
function eachField<Value>(
  of: (field: keyof MemberAccess) => Value | undefined,
): Partial<Record<keyof MemberAccess, Value>> {
  // A plain loop: it runs some ten times a member and plan.
  const fields: Partial<Record<keyof MemberAccess, Value>> = {};
  for (const field of ACCESS_FIELDS) {
    const value = of(field);
    if (value !== undefined) fields[field] = value;
  }
  return fields;
}
