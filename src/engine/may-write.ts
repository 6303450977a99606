/**
 * Decides A3: that a pass only observes a vault that was rolled back.
 * Decides rail 10: that a pass only observes beside another manager.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { VolatileState } from '#protocol/management.ts';
import type { VaultLease } from './manager-lease.ts';
import type { ObserveOnlyReason } from './pass-types.ts';

/** What `observeOnly` says to people. */
export const OBSERVE_ONLY: Readonly<Record<ObserveOnlyReason, string>> = {
  Observe: 'The Organization says spec.management: Observe.',
  Suspended: 'The Organization says spec.suspend: true.',
  ManagementConflict: 'Another manager holds the lease of the vault (rail 10).',
  VaultRolledBack: 'The vault is older than what was seen of it: it was restored or replaced (A3).',
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
