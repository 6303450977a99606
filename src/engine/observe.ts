/** The first half of a pass: one conditional request, what follows from it, and nothing written. */
import type { AuditHead } from '#model/organization.ts';
import { plan as planOf } from '#planning/plan.ts';
import type { OrganizationPlan, PlanningPolicy } from '#planning/plan-types.ts';
import { planSuspensions, type SuspensionPlan } from '#planning/suspensions.ts';
import type { Observation, Snapshot } from '#provider/provider.ts';
import { acceptDigest, isAncestor } from './anchor.ts';
import { approvalsFrom, approvingRails } from './approvals.ts';
import { withKeyUse } from './key-use.ts';
import { observeOnlyReason, observeOnlyText } from './may-write.ts';
import type { ObserveOnlyReason, PassInput, Preview } from './pass-types.ts';

export type PreviewInput = Omit<PassInput, 'only' | 'confirmLosses'>;

/** A preview with what the second half needs to go on from it. */
export interface ObservedPlan extends Preview {
  readonly policy: PlanningPolicy;
  readonly now: number;
}

/** Observe and plan; writes nothing. One vault request, and a proof where the head moved past the anchor (A3). */
export async function preview(input: PreviewInput): Promise<Preview> {
  return previewOf(input, await observe(input, input.known));
}

/** The same of what was observed: no request but that proof. */
export async function previewOf(input: PreviewInput, observation: Observation): Promise<Preview> {
  return planned(input, observation, await verified(input, observation), input.settling, null);
}

/** One conditional request, and one for the uses of keys where one is to end; tells the lease what it shows. */
export async function observe(input: PreviewInput, known: Snapshot | null): Promise<Observation> {
  const askedAt = input.now();
  const observation = await input.provider.observe(known, input.signal);
  input.lease.seen(observation.volatile.lease, askedAt);
  return withKeyUse(input, observation);
}

/** Whether the vault still leads to the anchor. */
export async function verified(input: PreviewInput, { volatile }: Observation): Promise<boolean> {
  const { anchor, provider, signal } = input;
  return anchor === null || (await isAncestor(provider, anchor, volatile.head, signal));
}

/** The plan for an observation. Pure but for the clock; `conflict` says that the lease was refused meanwhile. */
export function planned(
  input: PreviewInput,
  observation: Observation,
  genuine: boolean,
  settling: PreviewInput['settling'],
  conflict: ObserveOnlyReason | null,
): ObservedPlan {
  const { bounds, rolledBack, accept } = boundsOf(input, observation, genuine, settling, conflict);
  const { policy, now, approvals } = bounds;
  const bare = planOf(input.desired, observation.snapshot.state, policy, now);
  const plan: OrganizationPlan = {
    ...bare,
    findings: [...input.findings, ...approvals.findings, ...bare.findings],
  };
  const anchor: AuditHead | null = rolledBack ? input.anchor : observation.volatile.head;
  const { observeOnly: stopped } = policy;
  return { ...bounds, stopped, plan, observation, anchor, acceptDigest: rolledBack ? accept : null };
}

/** The suspensions of that plan, which is not made for them. */
export function plannedSuspensions(
  input: PreviewInput,
  observation: Observation,
  genuine: boolean,
): SuspensionPlan {
  const { policy, now } = boundsOf(input, observation, genuine, input.settling, null).bounds;
  return planSuspensions(input.desired, observation.snapshot.state, policy, now);
}

/** What an observation is planned within. */
function boundsOf(
  input: PreviewInput,
  observation: Observation,
  genuine: boolean,
  settling: PreviewInput['settling'],
  conflict: ObserveOnlyReason | null,
) {
  const { organization, desired, lease } = input;
  const { volatile, snapshot } = observation;
  const { state } = snapshot;
  const now = input.now();
  const rails = approvingRails(state, desired.manager);
  // A vault that is not the one of before may have lost the rails: declared approvers accept it, and release nothing.
  const judges = rails ?? (genuine ? null : desired.organization.fields.rails);
  const approvals = approvalsFrom(input.planApprovals, state, judges, {
    now,
    provenSince: input.approvalsProvenSince,
  });

  // Only what the API server proved counts here: the vault itself is what is doubted.
  const accept =
    input.anchor === null ? null : acceptDigest(state.vaultId, volatile.head.epoch, input.anchor);
  const accepted = approvals.approvals.some(({ via, digest }) => via === 'PlanApproval' && digest === accept);
  const rolledBack = !genuine && !accepted;
  const observeOnly = conflict ?? observeOnlyReason(organization, lease, volatile, rolledBack);

  const policy: PlanningPolicy = {
    approvals: approvals.approvals.filter(({ via }) => via === 'Vault' || rails !== null),
    settling,
    settle: input.settle,
    observeOnly: observeOnly === null ? null : observeOnlyText(observeOnly, volatile.lease, lease),
    freeze: volatile.freeze,
    managedBy: volatile.managedBy,
    installation: lease.installation,
  };
  return { bounds: { approvals, observeOnly, policy, now }, rolledBack, accept };
}
