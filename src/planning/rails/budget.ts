/**
 * Rail 1: what seven days may still lose in a class.
 *
 * Decides rail 1: what is left of a budget.
 */
import { populationOf } from '#model/consequence.ts';
import { BUDGET_WINDOW, budgetOf, type LossClass } from '#model/loss.ts';
import type { Context } from '../context.ts';
import type { Planned } from '../planned.ts';

export interface BudgetView {
  readonly budget: number;
  readonly used: number;
  readonly left: number;
}

/** Approved losses do not count; what an open reservation still holds does. `planned` gives units to its hashes. */
export function budgetLeft(context: Context, lossClass: LossClass, planned: readonly Planned[]): BudgetView {
  const { observed, settings, now } = context;
  const budget = budgetOf(settings.lossBudget[lossClass], populationOf(observed, lossClass));
  const lost = observed.ledger
    .filter((entry) => entry.class === lossClass && !entry.approved && entry.at > now - BUDGET_WINDOW)
    .reduce((sum, { units }) => sum + units, 0);
  const units = new Map(planned.map(({ step }) => [step.hash, step.consequence.loss?.units ?? 1]));
  const reserved = observed.reservations
    .filter((open) => open.class === lossClass && !open.approved && open.expiresAt > now)
    .flatMap(({ stepHashes }) => stepHashes)
    .reduce((sum, hash) => sum + (units.get(hash) ?? 1), 0);
  const used = lost + reserved;
  return { budget, used, left: Math.max(0, budget - used) };
}

export function unitsOf(planned: readonly Planned[]): number {
  return planned.reduce((sum, { step }) => sum + (step.consequence.loss?.units ?? 0), 0);
}
