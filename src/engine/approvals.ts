import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import type { OrganizationFields, RailSettings } from '#model/fields.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Approval, Finding } from '#planning/plan-types.ts';
import type { ApprovalReason, ApprovalsResult, ApprovalVerdict } from './pass-types.ts';
import { validated } from './validation.ts';

/** A PlanApproval counts for 24 hours (design §4). */
const VALIDITY = 24 * 60 * 60 * 1000;

/** Users and groups by which Kubernetes names service accounts. */
const SERVICE_ACCOUNTS = /^system:serviceaccounts?(:|$)/;

/**
 * Whose PlanApprovals count: whom the rails last applied name. Null, and nobody's do: where none were applied yet, as in
 * a vault that was lost and made anew, and where they are another manager's.
 */
export function approvingRails(state: OrganizationState, manager: string): RailSettings | null {
  const record = state.records.find((candidate) => candidate.kind === 'Organization');
  if (record === undefined || record.manager !== manager) return null;
  const { rails } = record.applied as unknown as Partial<OrganizationFields>;
  return rails ?? null;
}

interface JudgingContext {
  readonly now: number;
  /** Since when the admission policy proves who creates a PlanApproval; null: it does not. */
  readonly provenSince: number | null;
}

/**
 * The approvals that count now. Pure. A PlanApproval: unexpired and unused, by a user or group among the
 * approvers of `rails` (`approvingRails`), never by a service account, and only where the admission policy proves who created
 * it. An approval given in the vault counts as the vault says.
 */
export function approvalsFrom(
  planApprovals: readonly CustomResource<'PlanApproval'>[],
  state: OrganizationState,
  rails: RailSettings | null,
  context: JudgingContext,
): ApprovalsResult {
  const approvals: Approval[] = state.approvals
    .filter(({ expiresAt }) => expiresAt > context.now)
    .map(({ digest, approver, byOwner, id, reason, expiresAt }) => ({
      digest,
      approver,
      via: 'Vault',
      byOwner,
      reference: id,
      reason,
      expiresAt,
    }));
  const verdicts: ApprovalVerdict[] = [];
  for (const object of planApprovals) {
    const { spec, problem } = validated(object);
    const createdAt = Date.parse(object.metadata.creationTimestamp ?? '');
    const expiresAt = createdAt + VALIDITY;
    const reason = spec === null ? 'InvalidSpec' : judged(object, spec, rails, createdAt, context);
    const { namespace, name } = object.metadata;
    verdicts.push({
      namespace,
      name,
      counts: reason === 'Valid',
      reason,
      message: problem ?? MESSAGES[reason],
    });
    if (spec === null || reason !== 'Valid') continue;
    approvals.push({
      digest: spec.digest,
      approver: spec.approver,
      via: 'PlanApproval',
      reference: name,
      reason: spec.reason,
      expiresAt,
    });
  }
  return { approvals, verdicts, findings: findingsOf(verdicts, state) };
}

function judged(
  object: CustomResource<'PlanApproval'>,
  spec: Spec<'PlanApproval'>,
  rails: RailSettings | null,
  createdAt: number,
  { now, provenSince }: JudgingContext,
): ApprovalReason {
  if ((object.status as { state?: unknown } | undefined)?.state === 'Used') return 'Used';
  if (object.metadata.deletionTimestamp !== undefined) return 'Expired';
  // An object without a creation time did not come from an API server, so nobody has proven its approver. Times are
  // whole seconds: what was created in the second of the policy's last change may have come before it.
  if (provenSince === null || !(createdAt > provenSince)) return 'ApprovalsNotProven';
  if (now >= createdAt + VALIDITY) return 'Expired';
  if (SERVICE_ACCOUNTS.test(spec.approver)) return 'ServiceAccount';
  const users = rails?.approvers.users ?? [];
  const groups = (rails?.approvers.groups ?? []).filter((group) => !SERVICE_ACCOUNTS.test(group));
  const counts =
    users.includes(spec.approver) || spec.groups?.some((group) => groups.includes(group)) === true;
  return counts ? 'Valid' : 'NotAnApprover';
}

const MESSAGES: Readonly<Record<ApprovalReason, string>> = {
  Valid: 'Counts for the plan whose digest it names.',
  ApprovalsNotProven:
    'No ValidatingAdmissionPolicy as the chart ships it was in force when it was created; it proves no approver.',
  Expired: 'Older than 24 hours; give a new one if the plan is still wanted.',
  Used: 'Released its plan already; it counts once.',
  ServiceAccount: 'A service account approves nothing; a person in rails.approvers must.',
  NotAnApprover:
    'The approver is in neither rails.approvers.users nor, by a group that it names, rails.approvers.groups, as last applied to the vault.',
  InvalidSpec: 'The object cannot be read.',
};

function findingsOf(verdicts: readonly ApprovalVerdict[], state: OrganizationState): Finding[] {
  const unproven = verdicts.filter(({ reason }) => reason === 'ApprovalsNotProven');
  if (unproven.length === 0) return [];
  return [
    {
      subject: { kind: 'Organization', key: state.vaultId },
      source: null,
      reason: 'ApprovalsNotProven',
      severity: 'Info',
      message: `${MESSAGES.ApprovalsNotProven} Ignored: ${unproven.map(({ name }) => name).join(', ')}.`,
      next: 'Install policy and binding with the chart, and then approve anew.',
    },
  ];
}
