/** Rail 11 for a group: whether what a Group object declares may be applied to the one that is there. */
import { hasEnded } from '#model/ends.ts';
import { listingOf, membershipsOf } from '#model/listing.ts';
import { byProject } from '#model/member-access.ts';
import type { Group, GroupContent } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import { notAdopted } from './claims.ts';
import type { DeclaredGroup } from './declared-group.ts';
import { mergedGrants } from './declared-person.ts';
import type { Finding } from './plan-types.ts';
import { whyGroup } from './why.ts';

/** `ours`: what the record says of the Group object; null: it says nothing. What others gave does not count. */
export function groupConsent(
  { name, group, projectGrants }: DeclaredGroup,
  there: Group,
  ours: object | null,
  now: number,
): { readonly refusal: Finding | null; readonly isAdopted: boolean } {
  if (group === null || ours !== null) return { refusal: null, isAdopted: false };
  const { fields, source } = group;
  const wanted = mergedGrants(fields.grants, projectGrants, now);
  const listed = membershipsOf(there);
  const declared = membershipsOf(fields);
  const before: GroupContent = {
    description: there.description,
    ...listingOf([...listed].filter(([email]) => declared.has(email))),
    grants: there.grants.filter(({ project }) => wanted.has(project)),
  };
  const after: GroupContent = {
    description: fields.group?.description ?? '',
    // What has ended is not listed anew (M5), so it is no difference.
    ...listingOf(
      [...declared].filter(([email, { expiresAt }]) => listed.has(email) || !hasEnded(expiresAt, now)),
    ),
    grants: byProject([...wanted].map(([project, terms]) => ({ project, ...terms }))),
  };
  if (sameValue(before, after)) return { refusal: null, isAdopted: false };
  if (source.adopt === there.id) return { refusal: null, isAdopted: true };
  const subject = { kind: 'Group', key: name } as const;
  const difference = whyGroup(before, after);
  return { refusal: notAdopted(subject, source, { id: there.id, difference }), isAdopted: false };
}
