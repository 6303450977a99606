/** What a person has now, in a line a field: for `kubectl get`, and for who reads a status. */
import { hasEnded } from '#model/ends.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { GrantAccess, Group, Member } from '#model/organization.ts';
import { present } from './draft.ts';

/** A field of a status is no longer than 1024 characters; names are up to 253 each. */
const NAMED = 4;

/** Undefined: nothing, as before somebody joined, while they are suspended or awaited, and once they have ended (M5). */
export function accessInBrief(
  member: Member | undefined,
  groups: readonly Group[],
  now: number,
): object | undefined {
  if (member === undefined || member.state !== 'Active' || member.awaits !== undefined) return undefined;
  if (hasEnded(member.expiresAt, now)) return undefined;
  const lasting = (grant: { readonly expiresAt?: number }): boolean => !hasEnded(grant.expiresAt, now);
  const byGroup = groupGrantsOf(groups, member.email).filter(lasting);
  const grants = new Map<string, GrantAccess>();
  for (const { project, access } of [...member.grants.filter(lasting), ...byGroup])
    if (grants.get(project) !== 'Write') grants.set(project, access);
  const told = [...grants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([project, access]) => `${project}=${access}`);
  return present({
    template: hasEnded(member.templateExpiresAt, now) ? undefined : (member.template ?? undefined),
    grants: inShort(told),
    groups: inShort([...new Set(byGroup.map(({ group }) => group))].sort()),
  });
}

function inShort(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const shown = names.join(', ').length <= 1024 ? names : names.slice(0, NAMED);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`.slice(0, 1024);
}
