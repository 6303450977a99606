/** A delegation that holds nothing back, as a snapshot shows it: what is looked at is lowered where it is tested. */
import { CEILING_CLASSES, type Ceilings, DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import type { OrganizationState } from '#model/organization.ts';

function ceilingsOf(units: number): Ceilings {
  return Object.fromEntries(CEILING_CLASSES.map((one) => [one, units])) as Ceilings;
}

export const UNBOUNDED: Pick<OrganizationState, 'ceilings' | 'ceilingsUsed' | 'gains' | 'bounded'> = {
  ceilings: ceilingsOf(1000),
  ceilingsUsed: ceilingsOf(0),
  gains: {
    budgets: { ...DEFAULT_GAIN_BUDGETS, invitesPerHour: 1e6, invitesPerDay: 1e6, projectsPerDay: 1e6 },
    given: [],
  },
  bounded: false,
};
