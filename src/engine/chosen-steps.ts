import type { OrganizationPlan, Step } from '#planning/plan-types.ts';
import type { Refusal, StepAnswer } from '#protocol/management.ts';
import { refusedWith } from './execution.ts';
import type { PassInput } from './pass-types.ts';

/** Refusals that another look at the vault may cure within the pass. */
const AGAIN: readonly Refusal[] = ['StaleBefore', 'LeaseLost', 'NotReserved'];

/** What runs in this round: reviewed where a review is given, a class of losses whole or not at all. */
export function chosenSteps(
  plan: Pick<OrganizationPlan, 'runnable' | 'lossGroups'>,
  { only }: Pick<PassInput, 'only'>,
  answers: ReadonlyMap<string, StepAnswer>,
): readonly Step[] {
  const unreviewed = new Set<string>();
  for (const { steps } of plan.lossGroups) {
    if (only !== null && !steps.every(({ hash }) => only.has(hash))) {
      for (const { hash } of steps) unreviewed.add(hash);
    }
  }
  return plan.runnable.filter(({ hash, executor }) => {
    if (executor !== 'engine' || unreviewed.has(hash) || only?.has(hash) === false) return false;
    const code = refusedWith(answers.get(hash));
    return !answers.has(hash) || (code !== null && AGAIN.includes(code));
  });
}
