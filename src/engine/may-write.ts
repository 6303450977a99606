/**
 * Decides A3: that a pass only observes a vault that was rolled back.
 * Decides rail 10: that a pass only observes beside another manager.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { WhyObserved } from '#planning/plan-types.ts';
import type { VolatileState } from '#protocol/management.ts';
import type { VaultLease } from './manager-lease.ts';
import type { ObserveOnlyReason } from './pass-types.ts';

/** What `observeOnly` says to people. */
export const OBSERVE_ONLY: Readonly<Record<ObserveOnlyReason, WhyObserved>> = {
  Observe: {
    message: 'The Organization says spec.management: Observe.',
    next: 'Nothing where that is meant; else take spec.management out of it.',
  },
  Suspended: {
    message: 'The Organization says spec.suspend: true.',
    next: 'Nothing where that is meant; else take spec.suspend out of it.',
  },
  ManagementConflict: {
    message: 'Another manager holds the lease of the vault (rail 10).',
    next: 'Stop one of the two managers, or give both the same spec.manager.',
  },
  VaultRolledBack: {
    message: 'The vault is older than what was seen of it: it was restored or replaced (A3).',
    next: 'If that was meant, an approver accepts it as it is by a PlanApproval; else bring the vault of before back.',
  },
};

/**
 * Why this pass only observes; null: it may write. Pure. Another process of the same manager is no conflict
 * here: asking for the lease makes it yield.
 */
export function observeOnlyReason(
  organization: CustomResource<'Organization'>,
  lease: VaultLease,
  volatile: VolatileState,
  rolledBack: boolean,
  now: number,
): ObserveOnlyReason | null {
  if (organization.spec.suspend === true) return 'Suspended';
  if (organization.spec.management === 'Observe') return 'Observe';
  if (rolledBack) return 'VaultRolledBack';
  const held = volatile.lease !== null && volatile.lease.expiresAt > now ? volatile.lease : null;
  if (held !== null && held.manager !== lease.manager) return 'ManagementConflict';
  return null;
}
