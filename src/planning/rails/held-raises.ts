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

export function isHeldRaise(context: Context, { step, takenOver }: Planned): boolean {
  if (raisesIn(step, takenOver).length === 0) return false;
  const fromOutside = isFromOutside(context, step);
  const byRails = waitsForApproval(context.settings, step.subject.kind);
  return raiseWaits(byRails, step.consequence, { takenOver, fromOutside });
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
  const raises = planned.flatMap(({ step, takenOver }) => raisesIn(step, takenOver));
  return {
    reason: 'NeedsApproval',
    rail: 2,
    message: `Raises wait for an approval: ${raisesText(sortedBy(raises, ({ who }) => who))}.`,
    next: 'Take it back in Git if it was not meant.',
    approvable: true,
    claimed: 'raises',
  };
}

function raisesIn({ action, consequence, reinstate }: Planned['step'], takenOver: boolean): Raise[] {
  return raisesOf(action, consequence, { reinstates: reinstate !== null, takenOver });
}
