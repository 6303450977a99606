import type { LeaseState } from '#model/organization.ts';
import { NOW } from './organization.ts';

/** Held for a while by an operator of another manager, unless told otherwise. */
export function heldLease(fields: Partial<LeaseState> = {}): LeaseState {
  return {
    manager: 'else/where',
    installation: 'x',
    holder: 'Operator',
    fencing: 7,
    since: NOW - 1_000,
    expiresAt: NOW + 44_000,
    holdsFor: 44_000,
    isLent: false,
    ...fields,
  };
}
