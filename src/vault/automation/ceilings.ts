/**
 * The hard ceilings of a delegation (rails 1 and 2): what it loses, and what its claims of PlanApprovals release, in
 * seven days. A PlanApproval reaches the vault as a claim of the automation, which whoever stole its key makes too;
 * what people approved in the vault counts toward no ceiling.
 *
 * Decides rail 1: what a claimed approval may release, and what only an approval in the vault.
 */
import type { Kysely } from 'kysely';
import { CEILING_CLASSES, type CeilingClass, type Ceilings, type ClaimedClass } from '#model/gains.ts';
import { BUDGET_WINDOW, type LossClass } from '#model/loss.ts';
import { spanText } from '#model/span-text.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { type DomainError, refuse } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';

/** The delegation whose ceilings a loss counts toward; null: none, a person approved it in the vault. */
export function ceilingOf(act: Act, approval: ApprovalClaim | null): string | null {
  if (act.actor.type !== 'automation' || approval?.via === 'Vault') return null;
  return act.actor.id;
}

/** Losses that count toward the ceilings of `ceilingOf`. Throws `CeilingReached`. */
export async function checkCeiling(
  act: Act,
  lossClass: LossClass,
  units: number,
  ceilingOf: string | null,
): Promise<void> {
  if (ceilingOf === null || act.actor.type !== 'automation') return;
  const used = await usedUnderCeilings(act.db, { ...act.actor, vaultId: act.vault.id }, act.now);
  const ceiling = act.actor.ceilings[lossClass];
  if (used[lossClass] + units <= ceiling) return;
  throw refuse(
    'CeilingReached',
    `The delegation may lose ${ceiling} of ${lossClass} in ${spanText(BUDGET_WINDOW)}: ${used[lossClass]} are lost or reserved, ${units} more were asked for.`,
    APPROVE_IN_VAULT,
  );
}

/** Counts what an approval that the identity claims releases, and is no loss. Throws `CeilingReached`. */
export async function coverClaimed(
  act: Act,
  actor: AutomationActor,
  claimedClass: ClaimedClass,
  units: number,
): Promise<void> {
  const { [claimedClass]: used } = await usedUnderCeilings(
    act.db,
    { ...actor, vaultId: act.vault.id },
    act.now,
  );
  if (used + units > actor.ceilings[claimedClass]) throw beyond(actor.ceilings, claimedClass, used, units);
  await act.db
    .insertInto('delegated_gains')
    .values({
      id: act.ids.make('gain'),
      automation_id: actor.id,
      class: claimedClass,
      units,
      at: act.now,
      claimed: 1,
    })
    .execute();
}

/** Units by class that count toward the ceilings of a delegation now: lost, reserved, released by a claim. */
export async function usedUnderCeilings(
  db: Kysely<Database>,
  { id, vaultId }: { readonly id: string; readonly vaultId: string },
  now: number,
): Promise<Ceilings> {
  const lost = await db
    .selectFrom('ledger')
    .select(['class', ({ fn }) => fn.sum<number | string>('units').as('units')])
    .where('vault_id', '=', vaultId)
    .where('at', '>', now - BUDGET_WINDOW)
    .where('ceiling_of', '=', id)
    .groupBy('class')
    .execute();
  const reserved = await db
    .selectFrom('reservations')
    .innerJoin('reserved_steps', 'reserved_steps.reservation_id', 'reservations.id')
    .select(['class', ({ fn }) => fn.sum<number | string>('reserved_steps.units').as('units')])
    .where('vault_id', '=', vaultId)
    .where('expires_at', '>', now)
    .where('ceiling_of', '=', id)
    .groupBy('class')
    .execute();
  const claimed = await db
    .selectFrom('delegated_gains')
    .select(['class', ({ fn }) => fn.sum<number | string>('units').as('units')])
    .where('automation_id', '=', id)
    .where('claimed', '=', 1)
    .where('at', '>', now - BUDGET_WINDOW)
    .groupBy('class')
    .execute();
  const used = Object.fromEntries(CEILING_CLASSES.map((one) => [one, 0])) as Record<CeilingClass, number>;
  for (const { class: counted, units } of [...lost, ...reserved, ...claimed]) {
    used[counted as CeilingClass] += Number(units);
  }
  return used;
}

const WORDS: Readonly<Record<ClaimedClass, string>> = {
  raises: 'raises',
  loosenings: 'loosenings of the rails',
  takeOvers: 'take-overs with a gain',
};

const APPROVE_IN_VAULT = 'Approve the plan in the vault, signed in there: seneschal approve DIGEST';

function beyond(ceilings: Ceilings, claimed: ClaimedClass, used: number, units: number): DomainError {
  const ceiling = ceilings[claimed];
  return refuse(
    'CeilingReached',
    ceiling === 0
      ? `Of this delegation, PlanApprovals release no ${WORDS[claimed]}.`
      : `Of this delegation, PlanApprovals release ${ceiling} ${WORDS[claimed]} in ${spanText(BUDGET_WINDOW)}: ${used} are released, ${units} more are claimed.`,
    APPROVE_IN_VAULT,
  );
}
