/**
 * Rail 1: what seven days may still lose in a class.
 *
 * Decides rail 1: what is left of a budget.
 */

import {
  BUDGET_WINDOW,
  budgetInForce,
  budgetOf,
  type CountedLoss,
  type LossClass,
  type Spending,
  spending,
} from '#model/loss.ts';
import { populationOf } from '#model/population.ts';
import type { Context } from '../context.ts';
import type { Planned } from '../planned.ts';

export interface BudgetView extends Spending {
  readonly budget: number;
}

/**
 * The budget of a class, what is used of it, and what `asked` adds. Approved losses do not count; what an open
 * reservation still holds does. `planned` gives units to its hashes.
 */
export function budgetFor(
  context: Context,
  lossClass: LossClass,
  planned: readonly Planned[],
  asked: readonly Planned[],
): BudgetView {
  const { observed, settings, now } = context;
  const budget = budgetOf(budgetInForce(settings, lossClass), populationOf(observed, lossClass, now));
  const lost = observed.ledger.filter(
    (entry) => entry.class === lossClass && !entry.approved && entry.at > now - BUDGET_WINDOW,
  );
  const units = new Map(planned.map(({ step }) => [step.hash, step.consequence.loss?.units ?? 1]));
  const reserved = observed.reservations
    .filter((open) => open.class === lossClass && !open.approved && open.expiresAt > now)
    .flatMap(({ stepHashes }) => stepHashes)
    .map((stepHash) => ({ stepHash, units: units.get(stepHash) ?? 1 }));
  return { budget, ...spending(lossClass, [...lost, ...reserved], asked.flatMap(counted)) };
}

/** Units that these lose. */
export function unitsOf(planned: readonly Planned[]): number {
  return planned.flatMap(counted).reduce((sum, { units }) => sum + units, 0);
}

/** A withdrawal that settles with the losses and takes nothing counts for nothing. */
function counted({ step: { hash, consequence } }: Planned): CountedLoss[] {
  return consequence.loss === null ? [] : [{ stepHash: hash, units: consequence.loss.units }];
}
