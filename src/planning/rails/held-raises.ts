/**
 * Rail 2 for a plan: raises wait for one approval that covers all of them, whatever else the plan does.
 *
 * Decides rail 2: that raises wait for approval.
 */
import { type Raise, raisesOf, raisesText } from '#model/step-raises.ts';
import type { Context } from '../context.ts';
import type { Planned } from '../planned.ts';
import { sortedBy } from '../sorted.ts';
import type { Hold } from './judged-groups.ts';

/** Whether the step waits; one from outside of its record's namespace does whatever the rails say. */
export function isHeldRaise({ settings }: Context, { step, takenOver }: Planned): boolean {
  const raises = raisesIn(step, takenOver);
  if (raises.length === 0) return false;
  return settings.privilegeApproval === 'Always' || (takenOver && step.consequence.gain);
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
