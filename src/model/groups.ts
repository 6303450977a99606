/**
 * Grants by groups (G1, G2): additive to direct ones, and to each other.
 *
 * Decides G2: what a group gives to whom it lists.
 */
import type { GrantAccess, Group } from './organization.ts';

/** What one group gives each of its members in one project. */
export interface GroupGrant {
  readonly group: string;
  readonly project: string;
  readonly access: GrantAccess;
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
  for (const { name, members, grants } of groups) {
    if (grants.length === 0) continue;
    const given = grants.map(({ project, access }) => ({ group: name, project, access }));
    for (const email of members) {
      const list = index.get(email);
      if (list === undefined) index.set(email, [...given]);
      else list.push(...given);
    }
  }
  return index;
}

/** The groups without what they give in a project: as they are once it is gone (P2). */
export function withoutProjectGrants(groups: readonly Group[], project: string): Group[] {
  return groups.map((group) => ({
    ...group,
    grants: group.grants.filter((grant) => grant.project !== project),
  }));
}
