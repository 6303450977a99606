/** Rail 11 for a person: whether what a Member object declares may be applied to who is there. */
import { hasEnded } from '#model/ends.ts';
import type { MemberFields } from '#model/fields.ts';
import { accessOf, byProject, canonicalAccess } from '#model/member-access.ts';
import type { GrantTerms, Member } from '#model/organization.ts';
import { notAdopted } from './claims.ts';
import { withoutEndedTemplate } from './declared-ends.ts';
import { type DeclaredPerson, fieldsAccess, mergedGrants } from './declared-person.ts';
import type { DesiredMember, Finding } from './plan-types.ts';
import { whyAccess } from './why.ts';

type Consent =
  | { readonly is: 'ours' | 'matching' | 'adopted' }
  | { readonly is: 'refused'; readonly finding: Finding };

export function consentOf(
  { email, member, projectGrants }: DeclaredPerson,
  there: Member,
  applied: MemberFields | null,
  now: number,
): Consent {
  if (member === null || applied?.member != null) return { is: 'ours' };
  const difference = differenceOf(there, member, projectGrants, now);
  if (difference === '') return { is: 'matching' };
  const { source } = member;
  if (source.adopt === there.id) return { is: 'adopted' };
  const subject = { kind: 'Member', key: email } as const;
  return { is: 'refused', finding: notAdopted(subject, source, { id: there.id, difference }) };
}

/** The first difference between a person and the declaration; empty: none. Grants of others do not count. */
function differenceOf(
  there: Member,
  declared: DesiredMember,
  projectGrants: ReadonlyMap<string, GrantTerms>,
  now: number,
): string {
  const wanted = mergedGrants(declared.grants, projectGrants, now);
  const held = there.grants.filter(({ project }) => wanted.has(project));
  const isHeld = new Set(held.map(({ project }) => project));
  // What has ended and is not there is not given.
  const given = [...wanted].filter(
    ([project, { expiresAt }]) => isHeld.has(project) || !hasEnded(expiresAt, now),
  );
  const before = canonicalAccess({ ...accessOf(there), grants: held });
  const after = canonicalAccess({
    ...withoutEndedTemplate(fieldsAccess(declared.member), there, now),
    grants: byProject(given.map(([project, terms]) => ({ project, ...terms }))),
  });
  const why = whyAccess(before, after);
  if (why !== '') return why;
  const suspended = there.state === 'Suspended';
  return suspended === (declared.member.state === 'Suspended') ? '' : `state: ${there.state}`;
}
