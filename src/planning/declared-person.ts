/** One person: what is declared about them, and what a record says of it. */
import type { MemberFields } from '#model/fields.ts';
import { canonicalAccess, withoutGrants } from '#model/member-access.ts';
import type { Grant, GrantTerms, MemberAccess } from '#model/organization.ts';
import { greater } from './grant-terms.ts';
import type { DesiredMember, Source } from './plan-types.ts';
import type { ProjectOutlook } from './projects.ts';
import type { TemplateOutlook } from './templates.ts';

/** What is declared about one e-mail. */
export interface DeclaredPerson {
  readonly email: string;
  readonly member: DesiredMember | null;
  /** Grants by Project objects alone. */
  readonly projectGrants: ReadonlyMap<string, GrantTerms>;
  /** The object that speaks for the person: the Member, else the first Project that grants something. */
  readonly source: Source | null;
}

export interface Outlooks {
  readonly projects: ProjectOutlook;
  readonly templates: TemplateOutlook;
}

type Fields = NonNullable<MemberFields['member']>;

/** By project, of what Member and Project objects declare the one that holds now (G1). */
export function mergedGrants(
  grants: readonly Grant[],
  projectGrants: ReadonlyMap<string, GrantTerms>,
  now: number,
): Map<string, GrantTerms> {
  const merged = new Map(projectGrants);
  for (const { project, ...terms } of grants) {
    merged.set(project, greater(terms, merged.get(project) ?? terms, now));
  }
  return merged;
}

/** What the Member object declares of the access. */
export function fieldsAccess(fields: Fields): Omit<MemberAccess, 'grants'> {
  return withoutGrants(canonicalAccess({ ...fields, grants: [] }));
}

/** What the record says; `fields` where rail 7 keeps some as they are. */
export function memberApplied(
  member: DesiredMember | null,
  grants: readonly Grant[],
  fields?: Omit<MemberAccess, 'grants'>,
): MemberFields {
  if (member === null) return { member: null, grants };
  const { role, ...rest } = withoutGrants(fields ?? fieldsAccess(member.member));
  return { member: { role: role as Fields['role'], ...rest, state: member.member.state }, grants };
}
