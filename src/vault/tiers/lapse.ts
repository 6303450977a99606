/**
 * P4: a tier that is over freezes its organization: people read, access can only be taken away, machines read on.
 *
 * Decides P4: what a lapsed tier refuses.
 */
import type { Consequence } from '#model/consequence.ts';
import { runsInLapsed } from '#model/lapsed.ts';
import type { StepKind } from '#model/step.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { VaultTable } from '../store/schema.ts';

type TierTerm = Pick<VaultTable, 'plan' | 'plan_until'>;

/** By the clock: whether somebody has noticed it makes no difference. */
export function isLapsed({ plan_until }: TierTerm, now: number): boolean {
  return plan_until !== null && plan_until <= now;
}

/** Throws `PlanLapsed`. */
export function requireTier({ vault, now, tier }: Pick<Act, 'vault' | 'now' | 'tier'>): void {
  if (!isLapsed(vault, now)) return;
  throw refuse(
    'PlanLapsed',
    `The tier ${vault.plan} lapsed at ${new Date(vault.plan_until ?? now).toISOString()}: the vault is read only, and access can only be taken away.`,
    tier.billingUrl === ''
      ? `Whoever runs the server sets a tier: seneschal vault tier set ${vault.id} TIER --config FILE`
      : `Renew it: ${tier.billingUrl}`,
  );
}

/** Of automation only losses run in a lapsed organization. Throws `PlanLapsed`. */
export function checkStepOfLapsed(
  act: Act,
  kind: StepKind,
  consequence: Pick<Consequence, 'loss' | 'gain'>,
): void {
  if (runsInLapsed(kind, consequence)) return;
  requireTier(act);
}
