/**
 * Rails 10 and 12, and Observe: everything is planned and nothing runs.
 *
 * Decides rail 10: when a plan runs nothing because of another manager.
 * Decides rail 12: that a plan of a frozen vault runs nothing.
 */
import type { Context } from '../context.ts';
import type { Held } from '../plan-types.ts';

type Stop = Pick<Held, 'reason' | 'rail' | 'message' | 'next'>;

/** Why nothing may run; null: steps may. */
export function stopOf(context: Context): Stop | null {
  const { desired, observed, policy, now } = context;
  const { freeze, lease, observeOnly } = policy;
  if (freeze !== null) {
    const at = new Date(freeze.at).toISOString();
    return {
      reason: 'Frozen',
      rail: 12,
      message: `${freeze.by} froze the vault at ${at}: ${freeze.reason}`,
      next: 'seneschal thaw',
    };
  }
  const other = context.record('Organization', observed.vaultId)?.manager;
  if (other !== undefined && other !== desired.manager) return conflict(other, 'manages this organization');
  if (lease !== null && lease.manager !== desired.manager && lease.expiresAt > now) {
    return conflict(lease.manager, 'holds the lease of this vault');
  }
  if (observeOnly !== null) {
    return {
      reason: 'ObserveOnly',
      rail: 10,
      message: observeOnly,
      next: 'Nothing is written until this ends.',
    };
  }
  return null;
}

function conflict(manager: string, does: string): Stop {
  return {
    reason: 'ObserveOnly',
    rail: 10,
    message: `ManagementConflict: ${manager} ${does}.`,
    next: 'Stop one of the two managers, or give both the same spec.manager.',
  };
}
