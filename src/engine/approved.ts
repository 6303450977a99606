import { type HashSet, hashSet } from '#model/membership.ts';
import { plan as planOf } from '#planning/plan.ts';
import type { Approval, Desired, Step } from '#planning/plan-types.ts';
import { strongest } from '#planning/rails/claimed.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import type { ObservedPlan } from './observe.ts';

/** An approval with the steps under its digest: the vault checks the one against the other. */
export interface ApprovedPlan {
  readonly claim: ApprovalClaim;
  readonly steps: HashSet;
}

/**
 * Which steps run only because somebody approved them, and by which approval. Found by planning once more
 * without approvals: what is held then and runs now was released; which invites wait for their turn depends on what was
 * released, so that these are the plan's own. Pure.
 */
export function approvedSteps(desired: Desired, planned: ObservedPlan): ReadonlyMap<string, ApprovedPlan> {
  const approved = new Map<string, ApprovedPlan>();
  const { plan, policy, now, observation } = planned;
  if (policy.approvals.length === 0 || plan.runnable.length === 0) return approved;
  const without = planOf(desired, observation.snapshot.state, { ...policy, approvals: [] }, now);
  const heldSets = without.held.filter(({ digest }) => digest !== null).map(({ steps }) => steps);
  const all = [...new Map(heldSets.flat().map((step) => [step.hash, step])).values()];
  const runs = new Set(plan.runnable.map(({ hash }) => hash));
  const release = (set: readonly Step[]): void => {
    const steps = hashSet(set.map(({ hash }) => hash));
    const approval = strongest(policy.approvals.filter(({ digest }) => digest === steps.digest));
    if (approval === undefined) return;
    const released = { claim: claimOf(approval), steps };
    for (const { hash } of set) {
      if (runs.has(hash) && !approved.has(hash)) approved.set(hash, released);
    }
  };

  // Before what released them as raises: a PlanApproval lifts no bound on invites (rail 8).
  release(plan.queuedInvites);
  // As planning matches them: what one rail holds, then all that is held, then what is left of it.
  for (const set of heldSets) release(set);
  release(all);
  release(all.filter(({ hash }) => !approved.has(hash)));
  return approved;
}

/** What the vault is told of an approval. */
export function claimOf({ digest, approver, via, reference, reason }: Approval): ApprovalClaim {
  return { digest, approver, via, reference, reason };
}
