/**
 * Grants by groups (G1, G2): additive to direct ones, and to each other.
 *
 * Decides G2: what a group gives to whom it lists.
 */
import { earlierEnd, ending } from './ends.ts';
import type { Grant, Group } from './organization.ts';
import type { ActionOf } from './step.ts';
import { compareText } from './text-order.ts';

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
  for (const { name, members, grants, ends } of groups) {
    if (grants.length === 0) continue;
    const endOf = new Map(ends?.map(({ member, expiresAt }) => [member, expiresAt]));
    for (const email of members) {
      const given = grants.map((grant) => givenBy(name, grant, endOf.get(email)));
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

/** Whom a group lists after a step on it, who listed `members` before; sorted. */
export function membersAfter(members: readonly string[], action: GroupStep): readonly string[] {
  switch (action.kind) {
    case 'CreateGroup':
      return action.after.members;
    case 'DeleteGroup':
      return [];
    case 'UpdateGroup': {
      const { before, after } = action;
      if (before.members.length === 0 && after.members.length === 0) return members;
      const gone = new Set([...before.members, ...after.members]);
      return [...members.filter((email) => !gone.has(email)), ...after.members].sort(compareText);
    }
  }
}

/** The groups after a step on one of them. */
export function withGroupStep(groups: readonly Group[], action: GroupStep): readonly Group[] {
  const { key, after } = action;
  if (after === null) return groups.filter(({ name }) => name !== key);
  const there = groups.find(({ name }) => name === key);
  const group = {
    id: '',
    ...there,
    name: key,
    ...after,
    members: membersAfter(there?.members ?? [], action),
  };
  return there === undefined ? [...groups, group] : groups.map((one) => (one === there ? group : one));
}
