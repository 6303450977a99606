/**
 * Grants by groups (G1, G2): additive to direct ones, and to each other.
 *
 * Decides G2: what a group gives to whom it lists.
 */
import { earlierEnd, ending } from './ends.ts';
import { type Listing, listingOf, membershipsOf } from './listing.ts';
import type { Grant, Group } from './organization.ts';
import type { ActionOf, StepAction } from './step.ts';

/** What one group gives one of its members in one project, as long as both the membership and the grant last. */
export interface GroupGrant extends Grant {
  readonly group: string;
}

type GrantsByEmail = ReadonlyMap<string, readonly GroupGrant[]>;

/** By the list of groups itself, which nobody changes in place: a plan asks once a member and step. */
const indexes = new WeakMap<readonly Group[], GrantsByEmail>();

/** The grants of the groups that list an e-mail, in the order of the groups. */
export function groupGrantsOf(groups: readonly Group[], email: string): readonly GroupGrant[] {
  let index = indexes.get(groups);
  if (index === undefined) {
    index = indexOf(groups);
    indexes.set(groups, index);
  }
  return index.get(email) ?? [];
}

function indexOf(groups: readonly Group[]): GrantsByEmail {
  const index = new Map<string, GroupGrant[]>();
  for (const group of groups) {
    if (group.grants.length === 0) continue;
    for (const [email, { expiresAt }] of membershipsOf(group)) {
      const given = group.grants.map((grant) => givenBy(group.name, grant, expiresAt));
      const list = index.get(email);
      if (list === undefined) index.set(email, given);
      else list.push(...given);
    }
  }
  return index;
}

/** `membershipEnd`: when the person is on the list of the group no more. */
export function givenBy(
  group: string,
  { project, access, expiresAt }: Grant,
  membershipEnd: number | undefined,
): GroupGrant {
  return { group, project, access, ...ending(earlierEnd(expiresAt, membershipEnd)) };
}

/** The groups without what they give in a project: as they are once it is gone (P2). */
export function withoutProjectGrants(groups: readonly Group[], project: string): Group[] {
  return groups.map((group) => ({
    ...group,
    grants: group.grants.filter((grant) => grant.project !== project),
  }));
}

export type GroupStep = ActionOf<'CreateGroup' | 'UpdateGroup' | 'DeleteGroup'>;

export function isGroupStep(action: StepAction): action is GroupStep {
  return action.kind === 'CreateGroup' || action.kind === 'UpdateGroup' || action.kind === 'DeleteGroup';
}

/** Whom a group lists after a step on it, and until when, of what it listed before. */
export function listingAfter(there: Listing, action: GroupStep): Listing {
  switch (action.kind) {
    case 'CreateGroup':
      return listingOf(membershipsOf(action.after));
    case 'DeleteGroup':
      return { members: [] };
    case 'UpdateGroup': {
      const { before, after } = action;
      if (before.members.length === 0 && after.members.length === 0) return listingOf(membershipsOf(there));
      const then = new Map(membershipsOf(there));
      for (const email of before.members) then.delete(email);
      for (const [email, end] of membershipsOf(after)) then.set(email, end);
      return listingOf(then);
    }
  }
}

/** A group after a step on it; null: it is gone. */
export function groupAfterStep(there: Group | undefined, action: GroupStep): Group | null {
  const { key, after } = action;
  if (after === null) return null;
  return {
    id: there?.id ?? '',
    name: key,
    description: after.description,
    grants: after.grants,
    ...listingAfter(there ?? { members: [] }, action),
  };
}
