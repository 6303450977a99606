/**
 * Rail 2 as the vault enforces it: which raises are kept for a day, and which steps only take one back.
 *
 * Decides rail 2: which raises may be taken back, as the vault enforces it.
 */
import type { Consequence } from '#model/consequence.ts';
import type { RecentRaise } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { StepCircumstances } from '#model/step-raises.ts';
import { mayBeTakenBack, raiseBy, takenBack } from '#model/take-back.ts';
import type { Act } from '../act/context.ts';
import { keepRaise, recentRaises } from '../managed/kept-raises.ts';
import type { StepState } from '../managed/step.ts';

/** The raise that the step only takes back, so that it needs no reservation and counts toward nothing; null: a loss. */
export async function raiseTakenBack(
  act: Act,
  action: StepAction,
  judged: Consequence,
): Promise<RecentRaise | null> {
  if (!mayBeTakenBack(action)) return null;
  return takenBack(await recentRaises(act.db, act.vault.id, act.now), action, judged, act.now);
}

/**
 * Keeps what a raise replaced, of a thing that this manager had a record of. Not what `reinstate` or a take-over gave: a
 * person or another namespace had a reason for what was there.
 */
export async function keepRaised(
  act: Act,
  action: StepAction,
  { judged, state = {}, circumstances, entry }: RaiseContext,
): Promise<void> {
  if (circumstances.reinstates || circumstances.takenOver) return;
  const raise = raiseBy(state.members ?? [], action, judged, { entry, at: act.now });
  if (raise !== null) await keepRaise(act, raise);
}

interface RaiseContext {
  readonly judged: Consequence;
  /** From before the step, as far as the consequence looks at it. */
  readonly state: StepState | undefined;
  readonly circumstances: StepCircumstances;
  readonly entry: string;
}
