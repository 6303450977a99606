import { isReason, REASONS } from '#api/v1alpha1/conditions.ts';
import type { StepAnswer } from '#protocol/management.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import type { PlanDocument } from './plan-document.ts';

/** What a plan comes to: held, changes pending, or nothing. */
export function outcomesOfPlan({ steps, held, findings }: PlanDocument): CommandOutcome[] {
  const outcomes: CommandOutcome[] = [];
  if (held.length > 0 || findings.some(({ reason, severity }) => severity === 'Stalled' && isHeld(reason))) {
    outcomes.push('Held');
  }
  // What is left to the operator is nothing that `apply` could do.
  const pending = steps.some(({ standing }) => standing !== 'Operator');
  if (pending || findings.some(({ severity }) => severity === 'Stalled')) outcomes.push('ChangesPending');
  return outcomes;
}

/** What an apply comes to, from what is left of the plan and what the vault answered. */
export function outcomesOfApply(rest: PlanDocument, answers: Iterable<StepAnswer>): CommandOutcome[] {
  const outcomes: CommandOutcome[] = [];
  if (rest.held.length > 0) outcomes.push('Held');
  for (const answer of answers) {
    if (answer.status === 'Done') continue;
    outcomes.push(answer.status === 'Refused' && isHeld(answer.code) ? 'Held' : 'PartlyApplied');
  }
  for (const { reason, severity } of rest.findings) {
    if (severity === 'Stalled') outcomes.push(isHeld(reason) ? 'Held' : 'PartlyApplied');
  }
  return outcomes;
}

function isHeld(reason: string): boolean {
  return isReason(reason) && REASONS[reason].class === 'Held';
}
