/**
 * The first thing of a pass: whom Git says to suspend, in a request of their own, before anything else is planned or
 * sent. A plan that cannot be made, a loss that is not confirmed, a reservation that fails: none of it is waited for.
 *
 * Decides M1: that a suspension of Git goes before everything else of its pass.
 */
import type { Step } from '#planning/plan-types.ts';
import type { Refusal } from '#protocol/management.ts';
import type { Observation } from '#provider/provider.ts';
import { chosenSteps } from './chosen-steps.ts';
import { type ExecutionOutcome, execute, refusedWith } from './execution.ts';
import { plannedSuspensions, verified } from './observe.ts';
import type { PassInput } from './pass-types.ts';

/** The plan looks at these again, with what the vault counts by then: what is too much is held under a digest. */
const LEFT_TO_THE_PLAN: readonly Refusal[] = ['OverBudget'];

/** The suspensions that go first; empty: there is nobody to suspend, or nothing may be written. Asks the vault nothing. */
export function toSuspendFirst(input: PassInput, observation: Observation): readonly Step[] {
  return firstSteps(input, observation).steps;
}

/**
 * Null: there is nobody to suspend, or nothing may be written, and nothing was asked of the vault but, where there is
 * somebody, whether it is the one that was seen before (A3). Throws ProviderError where it cannot be asked.
 */
export async function suspendFirst(
  input: PassInput,
  observation: Observation,
): Promise<ExecutionOutcome | null> {
  const { provider, desired, lease, signal } = input;
  const { plan, steps } = firstSteps(input, observation);
  if (steps.length === 0 || !(await verified(input, observation))) return null;
  const fence = await lease.holdUnlessHeld(provider, input.now(), signal);
  if (fence === null) return null;
  const outcome = await execute({
    provider,
    desired,
    plan,
    fence,
    steps,
    approved: new Map(),
    trace: input.trace ?? null,
    records: observation.snapshot.state.records,
    signal,
  });
  const answers = [...outcome.answers].filter(([, answer]) => {
    const code = refusedWith(answer);
    return code === null || !LEFT_TO_THE_PLAN.includes(code);
  });
  return { ...outcome, answers: new Map(answers) };
}

function firstSteps(input: PassInput, observation: Observation) {
  const plan = plannedSuspensions(input, observation, true);
  return { plan, steps: chosenSteps(plan, input, new Map()) };
}
