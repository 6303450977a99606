/**
 * How many units of a class of losses there are.
 *
 * Decides rail 1: what the percentages of the budgets are of.
 */
import type { LossClass } from './loss.ts';
import type { Member, OrganizationState } from './organization.ts';

/** After what time an invite counts in the percentage of invites: a day, in milliseconds. */
export const INVITE_COUNTS_AFTER = 24 * 60 * 60 * 1000;

/**
 * How many units of a class there are: what the percentages of the budgets are of (rail 1). Whoever has not joined does
 * not count as a person, nor an invite of less than a day as an invite: a plan that invites many would otherwise raise
 * the budget that its own losses are judged by.
 */
export function populationOf(organization: OrganizationState, lossClass: LossClass, now: number): number {
  switch (lossClass) {
    case 'people':
    case 'suspensions':
      return joined(organization).length;
    case 'invites':
      return organization.members.filter(
        ({ state, invite }) =>
          state === 'Invited' && invite !== null && invite.since <= now - INVITE_COUNTS_AFTER,
      ).length;
    case 'access':
      return accessItems(organization);
    case 'machines':
      return organization.machines.length;
    case 'projects':
      return organization.projects.length;
  }
}

/** Grants, templates, and memberships of groups that give something: one that gives nothing is no loss when it goes. */
function accessItems(organization: OrganizationState): number {
  const people = joined(organization);
  const emails = new Set(people.map(({ email }) => email));
  const own = people.reduce(
    (sum, member) => sum + member.grants.length + (member.template === null ? 0 : 1),
    0,
  );
  return organization.groups.reduce(
    (sum, { members, grants }) =>
      grants.length === 0 ? sum : sum + members.filter((email) => emails.has(email)).length,
    own,
  );
}

function joined({ members }: OrganizationState): readonly Member[] {
  return members.filter(({ state }) => state !== 'Invited');
}
