/**
 * P4: whoever runs the server puts a vault on a plan, which thaws one that lapsed.
 *
 * Decides P4: that whoever runs the server sets a plan.
 */
import type { VaultContext } from '../act/context.ts';
import { requireOffer } from './organizations.ts';

/**
 * `until`: milliseconds since the epoch, the end of the plan; null: none. Nothing is taken away where the plan is
 * smaller than what there is. Throws DomainError `UnknownPlan`, `VaultNotFound`.
 */
export async function setPlan(
  context: VaultContext,
  vaultId: string,
  { plan, until }: { readonly plan: string; readonly until: number | null },
): Promise<void> {
  requireOffer(context, plan);
  await context.act(vaultId, { type: 'system' }, async (act) => {
    await act.db
      .updateTable('vaults')
      .set({ plan, plan_until: until, lapsed_at: null })
      .where('id', '=', vaultId)
      .execute();
    await act.audit({
      action: 'organization.plan-set',
      subject: { kind: 'Organization', key: vaultId },
      details: { before: act.vault.plan, plan, until },
    });
  });
}

export interface VaultOnTier {
  readonly vaultId: string;
  readonly kind: string;
  readonly displayName: string;
  readonly plan: string;
  readonly until: number | null;
}

/** All vaults of the server, by id. */
export async function vaultsOnTiers({ reader }: Pick<VaultContext, 'reader'>): Promise<VaultOnTier[]> {
  const rows = await reader
    .selectFrom('vaults')
    .select(['id', 'kind', 'display_name', 'plan', 'plan_until'])
    .orderBy('id')
    .execute();
  return rows.map(({ id, kind, display_name, plan, plan_until }) => ({
    vaultId: id,
    kind,
    displayName: display_name,
    plan,
    until: plan_until,
  }));
}
