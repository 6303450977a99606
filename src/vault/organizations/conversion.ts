/**
 * O1: a personal vault becomes an organization, for good; everything in it stays as it is.
 *
 * Decides O1: what a conversion changes, and that there is no way back.
 */
import type { Act, VaultContext } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { endOfTrial, useTrial } from './self-service.ts';

export interface Conversion {
  readonly displayName: string;
  /** Left out: the plan stays (billing stays as it is). */
  readonly plan?: string | undefined;
}

/**
 * Names the organization and changes its kind; adds nothing (P1). The caller has proven the owner anew.
 * Throws DomainError `Invalid` where it is an organization already, `UnknownPlan`, `PlanNotOffered`, `TrialUsed`.
 */
export async function convertVault(
  context: VaultContext,
  act: Act,
  { displayName, plan }: Conversion,
): Promise<{ readonly plan: string; readonly planUntil: number | null }> {
  if (act.vault.kind === 'Organization') {
    throw refuse(
      'Invalid',
      'The vault is an organization already.',
      'Rename it with PATCH /api/v1/vaults/{vaultId}.',
    );
  }
  const moves = plan !== undefined && plan !== act.vault.plan;
  const planUntil = moves ? endOfTrial(context, plan) : act.vault.plan_until;
  if (moves && planUntil !== null && act.actor.type === 'member') {
    await useTrial(act.db, { id: act.actor.accountId }, plan, act.now);
  }
  const after = moves ? { plan, plan_until: planUntil, lapsed_at: null } : {};
  await act.db
    .updateTable('vaults')
    .set({ kind: 'Organization', display_name: displayName, ...after })
    .where('id', '=', act.vault.id)
    .execute();
  const result = { plan: moves ? plan : act.vault.plan, planUntil };
  await act.audit({
    action: 'organization.converted',
    subject: { kind: 'Organization', key: act.vault.id },
    details: { displayName, ...result },
  });
  return result;
}
