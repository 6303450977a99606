import type { HeldLosses } from '#model/loss.ts';
import type { AuditHead } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type { OrganizationPlan, Step } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import type { Observation } from '#provider/provider.ts';
import { couldFollow, isAncestor } from './anchor.ts';
import { approvedSteps } from './approved.ts';
import { chosenSteps } from './chosen-steps.ts';
import { type ExecutionOutcome, execute } from './execution.ts';
import { type ObservedPlan, observe, planned, verified } from './observe.ts';
import type { PassInput, PassResult, Preview } from './pass-types.ts';
import { suspendFirst } from './suspend-first.ts';

/** How often one pass observes anew after it ran steps: what appears later belongs to the next pass. */
const ROUNDS = 5;

/**
 * One pass over an organization: observe, suspend whom Git says to suspend, plan, run what is runnable, observe again
 * until nothing is left.
 * Level-based and safe to stop between any two lines: what it did is seen by the next observation. A pass that
 * finds nothing to do is one request to the vault. Throws ProviderError where the vault cannot be observed; AbortError.
 */
export async function runPass(input: PassInput): Promise<PassResult> {
  const { provider, lease, signal } = input;
  const answers = new Map<string, StepAnswer>();
  const usedApprovals = new Set<string>();
  let writes = 0;
  let unfinished = false;

  const note = (outcome: ExecutionOutcome): void => {
    for (const [hash, answer] of outcome.answers) answers.set(hash, answer);
    for (const name of outcome.usedApprovals) usedApprovals.add(name);
    writes += outcome.writes;
    if (outcome.leaseLost) lease.lost();
  };

  let observation = await observe(input, input.known);
  const observedFirst = observation.volatile.head;
  const first = await suspendFirst(input, observation);
  if (first !== null) {
    note(first);
    observation = await observe(input, observation.snapshot);
  }
  const quiet = first === null ? quietly(input, observation) : null;
  const genuine = first !== null || quiet !== null || (await verified(input, observation));
  let current = quiet ?? planned(input, observation, genuine, input.settling, null);

  for (let round = 0; ; round++) {
    const steps = chosenSteps(current.plan, input, answers);
    const sightings = sightingsToRecord(current);
    const holdsMoved = holdsToKeep(current) !== null;
    if (steps.length === 0 && sightings.length === 0 && !holdsMoved) break;
    if (round === ROUNDS) {
      unfinished = true;
      break;
    }

    const fence = await lease.holdUnlessHeld(provider, input.now(), signal);
    if (fence === null) {
      unfinished = true;
      current = planned(input, observation, genuine, current.plan.settling, 'ManagementConflict');
      break;
    }

    if (sightings.length > 0) {
      await provider.recordSightings({ fence, sightings }, signal);
      writes += 1;
      observation = seen(observation, sightings);
      current = planned(input, observation, genuine, current.plan.settling, null);
    }
    const holds = holdsToKeep(current);
    if (holds !== null) {
      await provider.keepHolds({ fence, holds }, signal);
      writes += 1;
      observation = await observe(input, observation.snapshot);
      current = planned(input, observation, genuine, current.plan.settling, null);
      continue;
    }
    const confirmed = await withoutUnconfirmedLosses(steps, current, input);
    if (confirmed.length < steps.length) unfinished = true;
    if (confirmed.length === 0) break;

    const outcome = await execute({
      provider,
      desired: input.desired,
      plan: current.plan,
      fence,
      steps: confirmed,
      approved: approvedSteps(input.desired, current),
      trace: input.trace ?? null,
      records: current.observation.snapshot.state.records,
      signal,
    });
    note(outcome);

    observation = await observe(input, observation.snapshot);
    current = planned(input, observation, genuine, current.plan.settling, null);
  }

  const anchor = quiet === null ? await proven(input, current, genuine ? observedFirst : null) : input.anchor;
  // Another process of this manager waits (rail 10): it goes first now.
  if (observation.volatile.yieldRequested) await lease.lend(provider, signal);

  const { policy: _policy, now: _now, ...preview } = current;
  return {
    ...preview,
    anchor,
    answers,
    wakeAt: earliest([current.plan.wakeAt, ...[...answers.values()].map(askAgainAt)]),
    settling: current.plan.settling,
    writes,
    usedApprovals: [...usedApprovals],
    unfinished: unfinished || [...answers.values()].some(({ status }) => status === 'Failed'),
  };
}

/**
 * The plan of a 304 that leaves nothing to write; null: there is more to this pass. It needs no proof: the reads of
 * machines move the head all the time, the anchor stays where it is, and it is proven before the next write.
 */
function quietly(input: PassInput, observation: Observation): ObservedPlan | null {
  const { anchor } = input;
  if (observation.moved || input.anchorDue === true) return null;
  if (anchor === null || !couldFollow(anchor, observation.volatile.head)) return null;
  const idle = planned(input, observation, true, input.settling, null);
  const writes =
    chosenSteps(idle.plan, input, new Map()).length > 0 ||
    sightingsToRecord(idle).length > 0 ||
    holdsToKeep(idle) !== null;
  return writes ? null : idle;
}

/** When a step may be sent again that was refused until then; null: by no time. */
function askAgainAt(answer: StepAnswer): number | null {
  return answer.status === 'Refused' ? (answer.inUse?.askAgainAt ?? null) : null;
}

function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function sightingsToRecord({ observeOnly, policy, plan }: ObservedPlan): OrganizationPlan['sightings'] {
  return observeOnly === null && policy.freeze === null ? plan.sightings : [];
}

/**
 * The head to keep outside of the vault: never one that is not proven to follow the last (A3). The writes of this
 * pass moved it, so that is proven here, and the next pass that finds nothing to do needs no proof.
 */
async function proven(input: PassInput, { anchor, observation }: ObservedPlan, from: AuditHead | null) {
  if (input.anchor === null || from === null) return anchor;
  const { head } = observation.volatile;
  if (head.hash === from.hash && head.epoch === from.epoch) return anchor;
  return (await isAncestor(input.provider, from, head, input.signal)) ? head : from;
}

/** Rail 1: what the vault should keep as held from now on; null: it does, or nothing may be written. */
export function holdsToKeep({ plan, observation, observeOnly }: Preview): readonly HeldLosses[] | null {
  const { snapshot, volatile } = observation;
  if (observeOnly !== null || volatile.freeze !== null) return null;
  return sameValue(plan.holds, snapshot.state.holds) ? null : plan.holds;
}

/** Rail 1: losses and withdrawals run only after a fresh read of Organization, namespace and CRD. */
async function withoutUnconfirmedLosses(
  steps: readonly Step[],
  { plan }: ObservedPlan,
  { confirmLosses }: PassInput,
): Promise<readonly Step[]> {
  const losses = new Set(plan.lossGroups.flatMap((group) => group.steps.map(({ hash }) => hash)));
  const unconfirmed = ({ hash, withdraws }: Step): boolean => withdraws || losses.has(hash);
  if (confirmLosses === undefined || !steps.some(unconfirmed)) return steps;
  return (await confirmLosses()) ? steps : steps.filter((step) => !unconfirmed(step));
}

/**
 * Sightings are outside the vault's revision, so no later answer shows them: the snapshot that is kept is
 * marked the same way, or every pass would record them again.
 */
function seen(observation: Observation, sightings: ObservedPlan['plan']['sightings']): Observation {
  const marks = new Map(sightings.map(({ kind, key, seenUnder }) => [`${kind}/${key}`, seenUnder]));
  const { snapshot } = observation;
  const records = snapshot.state.records.map((record) => {
    const seenUnder = marks.get(`${record.kind}/${record.key}`);
    return seenUnder === undefined ? record : { ...record, seenUnder };
  });
  return { ...observation, snapshot: { ...snapshot, state: { ...snapshot.state, records } } };
}
