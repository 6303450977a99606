/** P4: the plans of a server; whoever runs it may bring others. */
import type { Plan } from '../../model/organization.ts';

type Cap = number | null;

function plan(name: string, members: Cap, projects: Cap, machines: Cap, groups: Cap, storedBytes: Cap): Plan {
  return { name, caps: { members, projects, machines, groups, storedBytes }, billingUrl: '' };
}

const MIB = 1024 * 1024;

const defaults = [
  plan('Free', 5, 5, 20, 0, 10 * MIB),
  plan('Family', 10, 20, 50, 0, 50 * MIB),
  plan('Team', 100, 200, 1000, 50, 1024 * MIB),
  plan('Business', null, null, null, null, null),
];

export const DEFAULT_PLANS: ReadonlyMap<string, Plan> = new Map(defaults.map((one) => [one.name, one]));

/** P4: from Team on. */
export function hasGroups(plan: Plan): boolean {
  return plan.caps.groups !== 0;
}

/** A plan that the catalog lost: no room for anything new, nothing taken away. */
export function unknownPlan(name: string): Plan {
  return plan(name, 0, 0, 0, 0, 0);
}
