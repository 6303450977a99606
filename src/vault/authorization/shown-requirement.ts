/** What the OpenAPI document and docs/routes.md say of who may ask a route: the table of operations in words (V3). */
import { OPERATIONS, type Operation, type Requirement } from './authorization.ts';

/** What one operation asks. */
export interface ShownRequirement {
  readonly operation: Operation;
  /** A cell, a role, `own` (every member, about themselves), or the ability of an automation identity. */
  readonly requires: string;
  /** P4: `refused` where it is refused in an organization whose tier lapsed. */
  readonly lapsedTier: 'allowed' | 'refused';
}

/** Of people. `reads` is a route that changes nothing, which a lapsed tier never refuses (P4). */
export function requirementOfPeople(operation: Operation, reads: boolean): ShownRequirement {
  const { person, takesAway }: Requirement = OPERATIONS[operation];
  if (person === null) throw new Error(`no person may ${operation}`);
  return {
    operation,
    requires: person,
    lapsedTier: reads || takesAway === true ? 'allowed' : 'refused',
  };
}

/** Of automation identities. A lapsed tier lets their losses run, step by step (P4). */
export function requirementOfAutomation(operation: Operation): Omit<ShownRequirement, 'lapsedTier'> {
  const { ability }: Requirement = OPERATIONS[operation];
  if (ability === null) throw new Error(`no automation identity may ${operation}`);
  return { operation, requires: ability };
}
