/**
 * Rail 2 for a plan: raises wait for one approval that covers all of them, whatever else the plan does.
 *
 * Decides rail 2: that raises wait for approval.
 */
import { type Raise, raisesOf, raisesText, raiseWaits, waitsForApproval } from '#model/step-raises.ts';
import type { Context } from '../context.ts';
import type { Step } from '../plan-types.ts';
import type { Planned } from '../planned.ts';
import { sortedBy } from '../sorted.ts';
import type { Hold } from './judged-groups.ts';

export function isHeldRaise(context: Context, item: Planned): boolean {
  if (raisesIn(item).length === 0) return false;
  const { step, takenOver, moves } = item;
  const fromOutside = isFromOutside(context, step);
  const byRails = waitsForApproval(context.settings, step.subject.kind);
  return raiseWaits(byRails, step.consequence, { takenOver, moves, fromOutside });
}

/** By the record of the Organization, as the vault asks it; before there is one by where the Organization stands. */
function isFromOutside(
  { desired, observed, record }: Context,
  { subject, record: next, source }: Step,
): boolean {
  const own = record('Organization', observed.vaultId)?.origin ?? desired.organization.source.namespace;
  const origin = next?.origin ?? source?.namespace ?? record(subject.kind, subject.key)?.origin;
  return origin !== undefined && origin !== own;
}

export function raiseHold(planned: readonly Planned[]): Hold {
  const raises = planned.flatMap(raisesIn);
  return {
    reason: 'NeedsApproval',
    rail: 2,
    message: `Raises wait for an approval: ${raisesText(sortedBy(raises, ({ who }) => who))}.`,
    next: 'Take it back in Git if it was not meant.',
    approvable: true,
    claimed: 'raises',
  };
}

function raisesIn({ step, takenOver, moves }: Planned): Raise[] {
  const { action, consequence, reinstate } = step;
  return raisesOf(action, consequence, { reinstates: reinstate !== null, takenOver, moves });
}
