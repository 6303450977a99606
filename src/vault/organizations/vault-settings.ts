/**
 * What the owner settles about a vault as a whole (O2, I4), and what its members see of it.
 *
 * Decides O2: the name.
 */
import type { Tier } from '#model/organization.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { tierNamed } from '../common/tiers.ts';
import { asksConfirmation, railsAskConfirmation } from '../managed/applied-settings.ts';
import type { VaultTable } from '../store/schema.ts';
import { requireFeature } from '../tiers/features.ts';
import { isLapsed } from '../tiers/lapse.ts';

export interface VaultFacts {
  readonly vaultId: string;
  readonly kind: VaultTable['kind'];
  readonly displayName: string;
  /** E-mail. */
  readonly owner: string;
  /** I4: who joins is confirmed by the owner first. */
  readonly confirmation: boolean;
  readonly plan: Pick<Tier, 'name' | 'caps' | 'billingUrl'> & {
    /** The end of the plan or its trial; null: none. */
    readonly until: number | null;
    readonly lapsed: boolean;
  };
}

/** P4: what every member sees. The caller has found that there is such a vault. */
export async function vaultFacts(
  { reader, catalog, clock }: Pick<VaultContext, 'reader' | 'catalog' | 'clock'>,
  vaultId: string,
): Promise<VaultFacts> {
  const now = clock.now();
  const row = await reader
    .selectFrom('vaults')
    .selectAll()
    .where('id', '=', vaultId)
    .executeTakeFirstOrThrow();
  const { email } = await reader
    .selectFrom('members')
    .select('email')
    .where('vault_id', '=', vaultId)
    .where('role', '=', 'Owner')
    .executeTakeFirstOrThrow();
  const { name, caps, billingUrl } = tierNamed(catalog, row.plan);
  return {
    vaultId,
    kind: row.kind,
    displayName: row.display_name,
    owner: email,
    confirmation: asksConfirmation(row),
    plan: { name, caps, billingUrl, until: row.plan_until, lapsed: isLapsed(row, now) },
  };
}

/** O2. Automation may rename too, by its step. */
export async function renameVault(act: Act, displayName: string): Promise<void> {
  await act.db
    .updateTable('vaults')
    .set({ display_name: displayName })
    .where('id', '=', act.vault.id)
    .execute();
  await act.audit({
    action: 'organization.renamed',
    subject: { kind: 'Organization', key: act.vault.id },
    details: { displayName },
  });
}

/**
 * I4. Asked for, it is about everybody who joins or is un-suspended from now on; asked for no longer, who waits still
 * waits. Throws DomainError `FeatureNotInPlan`, `Invalid` where it is so already.
 */
export async function setConfirmation(
  context: Pick<VaultContext, 'catalog'>,
  act: Act,
  required: boolean,
): Promise<void> {
  const { id, confirmation } = act.vault;
  if ((confirmation === 1) === required) {
    throw refuse('Invalid', required ? 'It asks for confirmation already.' : 'It asks for no confirmation.');
  }
  if (!required && railsAskConfirmation(act.vault)) {
    throw refuse(
      'Foreign',
      'The Organization object asks for confirmation.',
      'Take spec.confirmation out of Git first.',
    );
  }
  if (required) requireFeature(context, act, 'confirmation');
  await act.db
    .updateTable('vaults')
    .set({ confirmation: required ? 1 : 0 })
    .where('id', '=', id)
    .execute();
  await act.audit({
    action: 'organization.confirmation-set',
    subject: { kind: 'Organization', key: id },
    details: { required },
  });
}
