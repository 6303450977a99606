/**
 * P4: what accounts make by themselves, on the tiers that whoever runs the server leaves to them.
 *
 * Decides O1: how many vaults an account makes by itself.
 * Decides P4: which tiers accounts take by themselves, and trials.
 */

import type { Transaction } from 'kysely';
import { shellWord } from '#model/shell-word.ts';
import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import type { Account } from '../sessions/accounts.ts';
import type { Database } from '../store/schema.ts';
import { createVault, requireOffer } from './organizations.ts';

const DAY = 24 * 60 * 60 * 1000;

export interface MadeVault {
  readonly vaultId: string;
  readonly plan: string;
  /** Milliseconds since the epoch: the end of the trial; null: none. */
  readonly planUntil: number | null;
}

/** A personal vault, in one call (O1). Throws DomainError `QuotaReached`, `EmailNotVerified`. */
export async function makePersonalVault(
  context: VaultContext,
  account: Account,
  displayName: string,
): Promise<MadeVault> {
  const plan = context.catalog.personal;
  const { vaultId } = await createVault(
    context,
    account,
    { kind: 'Personal', displayName, plan, planUntil: null },
    (db) => checkVaults(context, db, account),
  );
  return { vaultId, plan, planUntil: null };
}

/**
 * An organization on a tier that accounts take by themselves, on trial where the tier is.
 * Throws DomainError `UnknownPlan`, `PlanNotOffered`, `TrialUsed`, `QuotaReached`, `EmailNotVerified`.
 */
export async function makeOrganization(
  context: VaultContext,
  account: Account,
  { displayName, plan }: { readonly displayName: string; readonly plan: string },
): Promise<MadeVault> {
  const planUntil = endOfTrial(context, plan);
  const { vaultId } = await createVault(
    context,
    account,
    { kind: 'Organization', displayName, plan, planUntil },
    async (db) => {
      await checkVaults(context, db, account);
      if (planUntil !== null) await useTrial(db, account, plan, context.clock.now());
    },
  );
  return { vaultId, plan, planUntil };
}

/** When a trial that begins now ends; null: the tier has no end. Throws DomainError `UnknownPlan`, `PlanNotOffered`. */
export function endOfTrial(context: Pick<VaultContext, 'catalog' | 'clock'>, plan: string): number | null {
  requireOffer(context, plan);
  const { catalog, clock } = context;
  if (!catalog.selfService.has(plan)) {
    const offered = [...catalog.selfService].join(', ');
    throw new DomainError({
      code: 'PlanNotOffered',
      status: 403,
      detail: `The tier ${plan} is set by whoever runs the server.`,
      next:
        offered === ''
          ? `Ask whoever runs the server: seneschal vault tier set VAULT ${shellWord(plan)} --config FILE`
          : `Choose one of ${offered}, or ask whoever runs the server.`,
    });
  }
  const days = catalog.offers.get(plan)?.trialDays ?? null;
  return days === null ? null : clock.now() + days * DAY;
}

/** Throws DomainError `TrialUsed`: an account tries a tier once. */
export async function useTrial(
  db: Transaction<Database>,
  account: Pick<Account, 'id'>,
  plan: string,
  now: number,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('trials')
    .values({ account_id: account.id, plan, started_at: now })
    .onConflict((conflict) => conflict.columns(['account_id', 'plan']).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) return;
  throw new DomainError({
    code: 'TrialUsed',
    status: 409,
    detail: `You have tried the tier ${plan} already.`,
    next: 'Choose another tier, or ask whoever runs the server.',
  });
}

async function checkVaults(
  { catalog }: Pick<VaultContext, 'catalog'>,
  db: Transaction<Database>,
  account: Account,
): Promise<void> {
  // Locks the row on both databases: two requests at once count one after the other.
  await db
    .updateTable('accounts')
    .set({ email: account.email })
    .where('id', '=', account.id)
    .where('email', '=', account.email)
    .execute();
  const { owned } = await db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('owned'))
    .where('account_id', '=', account.id)
    .where('role', '=', 'Owner')
    .executeTakeFirstOrThrow();
  if (owned < catalog.vaultsPerAccount) return;
  throw new DomainError({
    code: 'QuotaReached',
    status: 409,
    detail: `An account owns ${catalog.vaultsPerAccount} vaults at most before it makes another, and ${owned} are yours.`,
    next: 'Delete or hand over one, or ask whoever runs the server.',
  });
}
