/** What goes into a pass of the engine and what comes out of it. */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { LossClass } from '#model/loss.ts';
import type { AuditHead } from '#model/organization.ts';
import type { Provenance } from '#model/record.ts';
import type {
  Approval,
  Desired,
  DesiredKey,
  Finding,
  OrganizationPlan,
  Settling,
  WhyObserved,
} from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import type { Observation, Provider, Snapshot } from '#provider/provider.ts';
import type { VaultLease } from './manager-lease.ts';
import type { Trace } from './traced.ts';

/** What `desiredOf` needs to know beyond the objects. */
export interface DesiredContext {
  /** Rail 6: every page was read and all caches are synced. */
  readonly complete: boolean;
  /** The present UIDs of Organization, namespace and CRD, by namespace and kind; null on the command line. */
  readonly seenUnder: Desired['seenUnder'];
  /** The public half that is staged or mounted for a binding, by `namespace/name` of it. */
  readonly machineKeys: ReadonlyMap<string, DesiredKey>;
  /** Where an object tells nothing of its origin itself: the file that it stands in. */
  readonly provenance?: ((object: CustomResource) => Provenance | undefined) | undefined;
}

export interface DesiredResult {
  readonly desired: Desired;
  /** On objects that are no declaration: InvalidSpec, TemplateNotFound, NamespaceNotListed. */
  readonly findings: readonly Finding[];
}

/** Why a PlanApproval counts or does not. */
export type ApprovalReason =
  | 'Valid'
  | 'ApprovalsNotProven'
  | 'Expired'
  | 'Used'
  | 'ServiceAccount'
  | 'NotAnApprover'
  | 'InvalidSpec';

export interface ApprovalVerdict {
  readonly namespace: string;
  readonly name: string;
  readonly counts: boolean;
  readonly reason: ApprovalReason;
  readonly message: string;
}

export interface ApprovalsResult {
  readonly approvals: readonly Approval[];
  /** One a PlanApproval, in the order given. */
  readonly verdicts: readonly ApprovalVerdict[];
  readonly findings: readonly Finding[];
}

/** Why a pass plans but runs nothing. */
export type ObserveOnlyReason = 'Observe' | 'Suspended' | 'ManagementConflict' | 'VaultRolledBack';

export interface PassInput {
  readonly provider: Provider;
  readonly organization: CustomResource<'Organization'>;
  readonly desired: Desired;
  /** Of `desiredOf`; they are joined to the plan's. */
  readonly findings: readonly Finding[];
  /** Of this organization; `status.state` Used marks those that are used. */
  readonly planApprovals: readonly CustomResource<'PlanApproval'>[];
  /** Since when (milliseconds) the API server proves who creates a PlanApproval; null: it does not. */
  readonly approvalsProvenSince: number | null;
  /** The snapshot of the last pass; null: the first. */
  readonly known: Snapshot | null;
  /** A3: the head that is kept outside the vault; null: none yet. */
  readonly anchor: AuditHead | null;
  /** It is an hour old: a pass that finds nothing to do proves and takes the newest head, too. */
  readonly anchorDue?: boolean;
  readonly settling: Readonly<Partial<Record<LossClass, Settling>>>;
  /** False on the command line: a folder is seen whole. */
  readonly settle: boolean;
  readonly lease: VaultLease;
  /** Hashes of the reviewed steps, and no others run; null: all. */
  readonly only: ReadonlySet<string> | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Called before losses and withdrawals run; false: they wait for the next pass (rail 1: a fresh read of Organization, namespace and CRD). */
  readonly confirmLosses?: (() => Promise<boolean>) | undefined;
  /** Where the steps that are about to be sent come from (A4); absent: what their objects tell. */
  readonly trace?: Trace | undefined;
}

/** What was observed and what follows from it, with nothing run. */
export interface Preview {
  /** The last plan, the findings of `desiredOf` and of the approvals joined in. */
  readonly plan: OrganizationPlan;
  readonly observation: Observation;
  readonly approvals: ApprovalsResult;
  readonly observeOnly: ObserveOnlyReason | null;
  /** What that says to people. */
  readonly stopped: WhyObserved | null;
  /** The head that is proven to follow the anchor; the anchor itself while the vault is rolled back. */
  readonly anchor: AuditHead | null;
  /** While `VaultRolledBack`: the digest of an approval that accepts the vault as it is now. */
  readonly acceptDigest: string | null;
}

export interface PassResult extends Preview {
  /** By step hash, of the steps that were sent in this pass, and of those whose reservation was refused. */
  readonly answers: ReadonlyMap<string, StepAnswer>;
  /** Milliseconds since the epoch; null: nothing becomes different by time alone. */
  readonly wakeAt: number | null;
  readonly settling: Readonly<Partial<Record<LossClass, Settling>>>;
  /** Steps, reservations and sightings that the vault took; 0 in a no-op pass. */
  readonly writes: number;
  /** Names of the PlanApprovals that a loss or a step ran under. */
  readonly usedApprovals: readonly string[];
  /** Runnable steps are left (rounds used up, LeaseLost, Frozen, a fault): the next pass should come at once. */
  readonly unfinished: boolean;
}

/** An error of the engine itself; `publicMessage` and `next` may be shown. */
export class EngineError extends Error {
  /** Constant. */
  readonly reason: string;
  readonly publicMessage: string;
  readonly next: string;

  constructor(reason: string, publicMessage: string, next: string) {
    super(publicMessage);
    this.name = 'EngineError';
    this.reason = reason;
    this.publicMessage = publicMessage;
    this.next = next;
  }
}
