/**
 * Rails 10 and 12, and Observe: everything is planned, and nothing runs but what a freeze lets through.
 *
 * Decides rail 10: when a plan runs nothing because of another manager.
 * Decides rail 12: that a plan of a frozen vault holds what may not run there.
 */
import { passesFreeze } from '#model/freeze.ts';
import type { FreezeFlag } from '#model/organization.ts';
import { takeOverText } from '../claims.ts';
import type { Context } from '../context.ts';
import type { Held, Step } from '../plan-types.ts';

type Stop = Pick<Held, 'reason' | 'rail' | 'message' | 'next'>;

/** Of `steps`, in their order, what may not run, and why; empty: all may. What a freeze lets through stays under rail 10. */
export function stoppedAmong(context: Context, steps: readonly Step[]): Held[] {
  const { freeze } = context.policy;
  const frozen = steps.filter(({ action }) => !passesFreeze(freeze, action));
  const rest = steps.filter(({ action }) => passesFreeze(freeze, action));
  const others = stopOfAll(context);
  const stopped = others === null ? heldUntilTakenOver(context, rest) : heldBy(others, rest);
  return [...(freeze === null ? [] : heldBy(frozenBy(freeze), frozen)), ...stopped];
}

function heldBy(stop: Stop, steps: readonly Step[]): Held[] {
  return steps.length === 0 ? [] : [{ ...stop, steps, digest: null, byPlanApproval: false }];
}

/** Of `steps`, what waits for a take-over: all but the step that is it. */
function heldUntilTakenOver({ former }: Context, steps: readonly Step[]): Held[] {
  if (former === null) return [];
  const stop: Stop = {
    reason: 'ObserveOnly',
    rail: 10,
    message: `ManagementConflict: ${former} manages this organization until it is taken over.`,
    next: 'Approve the take-over; the rest follows by its own rails.',
  };
  return heldBy(
    stop,
    steps.filter(({ action }) => action.kind !== 'TakeOver'),
  );
}

function frozenBy({ by, at, reason, all }: FreezeFlag): Stop {
  const goesOn = all
    ? ''
    : ' (whom Git says to suspend is suspended all the same, and a key that it names as compromised ends)';
  return {
    reason: 'Frozen',
    rail: 12,
    message: `${by} froze the vault at ${new Date(at).toISOString()}${goesOn}: ${reason}`,
    next: 'seneschal thaw',
  };
}

/** Why nothing may run, whatever a freeze lets through; null: steps may. */
function stopOfAll(context: Context): Stop | null {
  const { desired, observed, policy } = context;
  const other = context.record('Organization', observed.vaultId)?.manager;
  if (other !== undefined && other !== desired.manager) {
    return {
      reason: 'ObserveOnly',
      rail: 10,
      message: `ManagementConflict: ${other} manages this organization.`,
      next: `Stop one of the two managers, or give both the same spec.manager. ${takeOverText(other)}`,
    };
  }
  return policy.observeOnly === null ? null : { reason: 'ObserveOnly', rail: 10, ...policy.observeOnly };
}
