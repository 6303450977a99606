/**
 * What is left to people where each step of a plan that takes something ran, and none that gives. A step that is judged by
 * it loses at most that, in whatever order the steps run and whichever a rail keeps back (rail 1).
 */
import { type Ending, earlierEnd, ending } from '#model/ends.ts';
import { listingAfter } from '#model/groups.ts';
import { type Listing, listingOf, membershipsOf } from '#model/listing.ts';
import { withAccess } from '#model/member-access.ts';
import type { Grant, Group, Member, MemberAccess } from '#model/organization.ts';
import type { Draft } from './contribution.ts';
import { lesser } from './grant-terms.ts';

/** Each group with what it lists and gives before and after every step on it; of a sure step, with what is after it. */
export function leastGroups(
  groups: readonly Group[],
  drafts: readonly Draft[],
  isSure: (draft: Draft) => boolean,
): readonly Group[] {
  const least = new Map(groups.map((group) => [group.name, group]));
  for (const draft of drafts) {
    const { action } = draft;
    if (action.kind !== 'CreateGroup' && action.kind !== 'UpdateGroup' && action.kind !== 'DeleteGroup')
      continue;
    const { key, after } = action;
    const before = least.get(key);
    const listing = listingAfter(before ?? { members: [] }, action);
    if (isSure(draft) && after !== null) {
      const { description, grants } = after;
      least.set(key, { id: before?.id ?? '', name: key, description, grants, ...listing });
    } else if (before !== undefined) {
      const grants = lesserGrants(before.grants, after?.grants ?? []);
      const { id, name, description } = before;
      least.set(key, { id, name, description, grants, ...lesserListing(before, listing) });
    }
  }
  return [...least.values()];
}

function lesserListing(one: Listing, other: Listing): Listing {
  const then = membershipsOf(other);
  return listingOf(
    [...membershipsOf(one)].flatMap(([email, { expiresAt }]): [string, Ending][] => {
      const membership = then.get(email);
      return membership === undefined ? [] : [[email, ending(earlierEnd(expiresAt, membership.expiresAt))]];
    }),
  );
}

function lesserGrants(one: readonly Grant[], other: readonly Grant[]): Grant[] {
  const terms = new Map(other.map((grant) => [grant.project, grant]));
  return one.flatMap((grant) => {
    const then = terms.get(grant.project);
    return then === undefined ? [] : [{ project: grant.project, ...lesser(grant, then) }];
  });
}

/** People with the grants that they have before and after their step; the rest as `fields` chooses of the two. */
export function leastPeople(
  members: readonly Member[],
  accesses: ReadonlyMap<string, MemberAccess>,
  fields: 'before' | 'after',
): readonly Member[] {
  if (accesses.size === 0) return members;
  return members.map((member) => {
    const access = accesses.get(member.email);
    if (access === undefined) return member;
    const grants = lesserGrants(member.grants, access.grants);
    return { ...(fields === 'after' ? withAccess(member, access) : member), grants };
  });
}
