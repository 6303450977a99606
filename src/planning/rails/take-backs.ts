/**
 * Rail 2: steps that only take a raise of the last day back. They wait for no quiet, no budget and no `Hold`; rails 3, 5,
 * 6, 9, 10 and 12 stand over them as over any loss.
 */
import { takenBack, withTakenBack } from '#model/take-back.ts';
import type { Context } from '../context.ts';
import type { Planned } from '../planned.ts';
import { absenceJudge } from './absence.ts';

/** `planned` in order, with those marked that the vault lets go without a reservation: as many as the day still has. */
export function withTakeBacks(context: Context, planned: readonly Planned[]): readonly Planned[] {
  const { observed, now } = context;
  let { raises } = observed;
  if (raises.length === 0) return planned;
  const judge = absenceJudge(context);
  const held = new Set(observed.holds.flatMap(({ stepHashes }) => stepHashes));
  return planned.map((item) => {
    const { step } = item;
    // What is held stays held, though the rest of the plan took away what it would lose (rail 1); an absence that
    // counts for nothing yet takes nothing back either (rails 5 and 9).
    if (step.consequence.loss === null || held.has(step.hash)) return item;
    if (item.absent.some((record) => judge.reasonOf(record) !== null)) return item;
    const raise = takenBack(raises, step.action, step.consequence, now);
    if (raise === null) return item;
    raises = withTakenBack(raises, raise, now);
    const why = `${step.why} (takes back the raise of ${new Date(raise.at).toISOString()})`;
    return { ...item, takesBack: true, step: { ...step, why } };
  });
}
