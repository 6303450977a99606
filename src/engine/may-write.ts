/**
 * Decides A3: that a pass only observes a vault that was rolled back.
 * Decides rail 10: that a pass only observes where the lease is another's, and what it says of that.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { handoverCommand, type LeaseClaimant, leaseStanding } from '#model/lease-standing.ts';
import { leaseText } from '#model/lease-text.ts';
import type { LeaseState } from '#model/organization.ts';
import type { WhyObserved } from '#planning/plan-types.ts';
import type { VolatileState } from '#protocol/management.ts';
import type { ObserveOnlyReason } from './pass-types.ts';

/** Why nothing runs, for people. `lease`: as it was observed; `own`: who asks for it. */
export function observeOnlyText(
  reason: ObserveOnlyReason,
  lease: LeaseState | null,
  own: LeaseClaimant,
): WhyObserved {
  switch (reason) {
    case 'Observe':
      return {
        message: 'The Organization says spec.management: Observe.',
        next: 'Nothing where that is meant; else take spec.management out of it.',
      };
    case 'Suspended':
      return {
        message: 'The Organization says spec.suspend: true.',
        next: 'Nothing where that is meant; else take spec.suspend out of it.',
      };
    case 'VaultRolledBack':
      return {
        message: 'The vault is older than what was seen of it: it was restored or replaced (A3).',
        next: 'If that was meant, an approver accepts it as it is by a PlanApproval; else bring the vault of before back.',
      };
    case 'ManagementConflict':
      return { message: `ManagementConflict: ${conflictText(lease, own)}`, next: handOverText(lease, own) };
  }
}

function conflictText(lease: LeaseState | null, { manager, installation }: LeaseClaimant): string {
  if (lease === null) return 'another process took the lease of the vault meanwhile (rail 10).';
  return `${leaseText(lease)}; this one is ${manager}, installation ${installation} (rail 10).`;
}

function handOverText(lease: LeaseState | null, claimant: LeaseClaimant): string {
  const isEnded = lease !== null && lease.holdsFor === 0 && !lease.isLent;
  const before = isEnded
    ? 'It goes on where that one runs again'
    : 'Stop that one, so that it gives the lease back';
  return `${before}; or the owner or an approver hands it over: ${handoverCommand(claimant)}`;
}

/**
 * Why this pass only observes; null: it may write. Pure. Another process of the same manager that makes room is no
 * conflict here: asking for the lease makes it yield.
 */
export function observeOnlyReason(
  organization: CustomResource<'Organization'>,
  claimant: LeaseClaimant,
  { lease }: Pick<VolatileState, 'lease'>,
  rolledBack: boolean,
): ObserveOnlyReason | null {
  if (organization.spec.suspend === true) return 'Suspended';
  if (organization.spec.management === 'Observe') return 'Observe';
  if (rolledBack) return 'VaultRolledBack';
  return leaseStanding(lease, claimant) === 'conflict' ? 'ManagementConflict' : null;
}
