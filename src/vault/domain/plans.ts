/** P4: the plans of a server; whoever runs it may bring others. */
import type { Plan } from '../../model/organization.ts';

type Cap = number | null;

function plan(name: string, members: Cap, projects: Cap, machines: Cap, storedBytes: Cap): Plan {
  return { name, caps: { members, projects, machines, storedBytes }, billingUrl: '' };
}

const MIB = 1024 * 1024;

const defaults = [
  plan('Free', 5, 5, 20, 10 * MIB),
  plan('Family', 10, 20, 50, 50 * MIB),
  plan('Team', 100, 200, 1000, 1024 * MIB),
  plan('Business', null, null, null, null),
];

export const DEFAULT_PLANS: ReadonlyMap<string, Plan> = new Map(defaults.map((one) => [one.name, one]));

/** A plan that the catalog lost: no room for anything new, nothing taken away. */
export function unknownPlan(name: string): Plan {
  return plan(name, 0, 0, 0, 0);
}
