/**
 * The first thing of an apply that nobody is asked about: whom the folder says to suspend, before the rest is planned.
 *
 * Decides M1: that a suspension of a folder waits for no plan and no answer.
 */
import { observe } from '#engine/observe.ts';
import type { PassInput } from '#engine/pass-types.ts';
import { suspendFirst, toSuspendFirst } from '#engine/suspend-first.ts';
import type { Step } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import type { Observation } from '#provider/provider.ts';
import { tell } from '../terminal/print.ts';
import { underLease } from './under-lease.ts';

export interface SuspendedFirst {
  /** What the rest is planned from. */
  readonly observation: Observation;
  /** Those that were sent. */
  readonly steps: readonly Step[];
  readonly answers: ReadonlyMap<string, StepAnswer>;
}

/**
 * One request where there is nobody to suspend. What came of it is told at once: the plan of the rest may never be made.
 * Throws ProviderError, and Failure where the operator does not yield the lease.
 */
export async function suspendedFirst(input: PassInput): Promise<SuspendedFirst> {
  const seen = await observe(input, input.known);
  const none = { steps: [], answers: new Map() };
  if (toSuspendFirst(input, seen).length === 0) return { ...none, observation: seen };
  const { observation, steps, answers } = await underLease(input, async (waited) => {
    // The operator may have suspended them, or taken the rest of the folder, while this waited.
    const current = waited ? await observe(input, seen.snapshot) : seen;
    const chosen = toSuspendFirst(input, current);
    const outcome = await suspendFirst(input, current);
    if (outcome === null) return { ...none, observation: current };
    const sent = chosen.filter(({ hash }) => outcome.answers.has(hash));
    for (const line of told(sent, outcome.answers)) tell(line);
    return { steps: sent, answers: outcome.answers, observation: current };
  });
  return { steps, answers, observation: await observe(input, observation.snapshot) };
}

function told(steps: readonly Step[], answers: ReadonlyMap<string, StepAnswer>): string[] {
  const keys = (isDone: boolean): string =>
    steps
      .filter(({ hash }) => (answers.get(hash)?.status === 'Done') === isDone)
      .map(({ action }) => action.key)
      .join(', ');
  const [done, others] = [keys(true), keys(false)];
  return [
    ...(done === '' ? [] : [`suspended before the rest is planned: ${done}`]),
    ...(others === '' ? [] : [`not suspended: ${others}`]),
  ];
}
