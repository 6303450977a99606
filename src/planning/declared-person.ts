/** One person: what is declared about them, and the forms in which access is compared. */
import type { MemberFields } from '#model/fields.ts';
import { accessOf, byProject, canonicalAccess, withoutGrants } from '#model/member-access.ts';
import type { Grant, GrantAccess, Member, MemberAccess } from '#model/organization.ts';
import { greater } from './grants.ts';
import type { DesiredMember, Source } from './plan-types.ts';
import type { ProjectOutlook } from './projects.ts';
import { sameValue } from './same.ts';
import type { TemplateOutlook } from './templates.ts';
import { whyAccess } from './why.ts';

/** What is declared about one e-mail. */
export interface DeclaredPerson {
  readonly email: string;
  readonly member: DesiredMember | null;
  /** Grants by Project objects alone. */
  readonly projectGrants: ReadonlyMap<string, GrantAccess>;
  /** The object that speaks for the person: the Member, else the first Project that grants something. */
  readonly source: Source | null;
}

export interface Outlooks {
  readonly projects: ProjectOutlook;
  readonly templates: TemplateOutlook;
}

type Fields = NonNullable<MemberFields['member']>;
type Consent = 'ours' | 'matching' | 'adopted' | 'refused';

/** Whether the fields of the Member object may be applied to a person who is there (rail 11). */
export function consentOf(person: DeclaredPerson, there: Member, applied: MemberFields | null): Consent {
  if (person.member === null || applied?.member != null) return 'ours';
  if (differenceOf(there, person.member, person.projectGrants) === '') return 'matching';
  const { adopt } = person.member.source;
  return adopt === there.id || adopt?.toLowerCase() === person.email ? 'adopted' : 'refused';
}

/** The first difference between a person and the declaration; empty: none. Grants of others do not count. */
export function differenceOf(
  there: Member,
  declared: DesiredMember,
  projectGrants: ReadonlyMap<string, GrantAccess>,
): string {
  const wanted = mergedGrants(declared.grants, projectGrants);
  const held = there.grants.filter(({ project }) => wanted.has(project));
  const before = canonicalAccess({ ...accessOf(there), grants: held });
  const after = canonicalAccess({
    ...fieldsAccess(declared.member),
    grants: byProject([...wanted].map(([project, access]) => ({ project, access }))),
  });
  if (!sameValue(before, after)) return whyAccess(before, after);
  const suspended = there.state === 'Suspended';
  return suspended === (declared.member.state === 'Suspended') ? '' : `state: ${there.state}`;
}

export function mergedGrants(
  grants: readonly Grant[],
  projectGrants: ReadonlyMap<string, GrantAccess>,
): Map<string, GrantAccess> {
  const merged = new Map(projectGrants);
  for (const { project, access } of grants) {
    merged.set(project, greater(access, merged.get(project) ?? access));
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
