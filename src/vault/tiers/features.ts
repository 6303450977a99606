/**
 * P4: what a plan has beyond its caps.
 *
 * Decides P4: what the plan has beyond caps.
 */
import type { Act, VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { hasFeature, type TierFeature } from '../common/tiers.ts';

const SHOWN: Readonly<Record<TierFeature, string>> = {
  confirmation: 'confirmation of members',
  policies: 'policies',
};

/** Throws DomainError `FeatureNotInPlan`. What is used already stays when the plan changes. */
export function requireFeature(
  { catalog }: Pick<VaultContext, 'catalog'>,
  { vault, tier }: Pick<Act, 'vault' | 'tier'>,
  feature: TierFeature,
): void {
  if (hasFeature(catalog, vault.plan, feature)) return;
  throw new DomainError({
    code: 'FeatureNotInPlan',
    status: 409,
    detail: `The plan ${vault.plan} has no ${SHOWN[feature]}.`,
    next: tier.billingUrl === '' ? 'Move to a larger plan.' : `Move to a larger plan: ${tier.billingUrl}`,
  });
}
