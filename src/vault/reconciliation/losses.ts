/**
 * Rail 1 as the vault enforces it: reservations, the ledger, the budget and the hard ceiling.
 *
 * Decides rail 1: reservations, ledger, budget and ceiling, as the vault enforces them.
 */
import { type Kysely, sql } from 'kysely';
import { consequence, withSharedSteps } from '#model/consequence.ts';
import { planDigest, stepHash } from '#model/digest.ts';
import { DEFAULT_CEILINGS, DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import {
  BUDGET_WINDOW,
  budgetOf,
  type CountedLoss,
  fits,
  type LossClass,
  type Reservation,
  spending,
} from '#model/loss.ts';
import type { OrganizationState } from '#model/organization.ts';
import { INVITE_COUNTS_AFTER } from '#model/population.ts';
import { spanText } from '#model/span-text.ts';
import type { ReservationRequest } from '#protocol/management.ts';
import type { Act } from '../act/context.ts';
import { ceilingOf, checkCeiling } from '../automation/ceilings.ts';
import { refuse } from '../common/domain-error.ts';
import { appliedSettings, budgetFor } from '../managed/applied-settings.ts';
import { openReservations, reservationOf } from '../managed/reservation-rows.ts';
import type { Database } from '../store/schema.ts';
import { useApproval } from './approvals.ts';
import { type DelegatedState, organizationState } from './organization-state.ts';

/** How long a reservation is open: 1 h, in milliseconds. */
const RESERVATION_LIFE = 60 * 60 * 1000;

/**
 * Reserves the losses of one class, all or none; asked again, it answers the reservation that is open. Steps that
 * lose nothing by now need none: where all of them do, nothing is written.
 * Throws `OverBudget`, `CeilingReached`, `Forbidden` (approval), `Invalid` (a loss of another class).
 */
export async function reserve(act: Act, request: ReservationRequest): Promise<Reservation> {
  const { db, vault, now } = act;
  const digest = planDigest(vault.id, request.actions);
  const open = await openReservations(db, vault.id, now);
  const same = open.find((one) => one.class === request.class && one.digest === digest);
  if (same !== undefined) return same;

  const state = { ...(await organizationState(db, vault, act.tier, now)), ...NOT_LOOKED_AT };
  const asked = askedOf(state, request, now);
  const units = asked.reduce((sum, loss) => sum + loss.units, 0);
  const ceiling_of = ceilingOf(act, request.approval);
  const row = {
    id: act.ids.make('res'),
    vault_id: vault.id,
    class: request.class,
    digest,
    approved: request.approval === null ? (0 as const) : (1 as const),
    ceiling_of,
    created_at: now,
    expires_at: now + RESERVATION_LIFE,
  };
  if (asked.length === 0) return reservationOf(row, []);

  if (request.approval === null) await checkBudget(act, request.class, asked);
  else {
    await useApproval(act, {
      claim: request.approval,
      steps: request,
      purpose: request.class,
      counts: null,
    });
  }
  await checkCeiling(act, request.class, units, ceiling_of);

  await db.insertInto('reservations').values(row).execute();
  for (const { stepHash: step_hash, units } of asked) {
    await db.insertInto('reserved_steps').values({ reservation_id: row.id, step_hash, units }).execute();
  }
  await act.audit({
    action: 'losses.reserved',
    subject: { kind: 'Reservation', key: row.id },
    details: {
      class: request.class,
      units,
      digest,
      steps: request.actions.map(({ kind, key }) => `${kind} ${key}`),
      ...(request.approval === null ? {} : { approval: { ...request.approval } }),
    },
  });
  return reservationOf(
    row,
    asked.map(({ stepHash }) => stepHash),
  );
}

/** What the ledger and the open reservations keep of a loss that was judged. */
export interface JudgedLoss extends CountedLoss {
  readonly class: LossClass;
}

/** How a loss is covered: what goes into the ledger with it. */
export interface Cover {
  readonly approved: 0 | 1;
  readonly ceiling_of: string | null;
}

/**
 * Consumes the reservation of a step that loses something. An explicit suspension needs none and is counted
 * against a budget of its own. Throws `NotReserved`, `OverBudget`, `CeilingReached`.
 */
export async function coverLoss(act: Act, loss: JudgedLoss): Promise<Cover> {
  const reserved = await act.db
    .selectFrom('reserved_steps')
    .innerJoin('reservations', 'reservations.id', 'reserved_steps.reservation_id')
    .select(['reservation_id', 'approved', 'ceiling_of'])
    .where('reserved_steps.step_hash', '=', loss.stepHash)
    .where('reserved_steps.units', '>=', loss.units)
    .where('reservations.vault_id', '=', act.vault.id)
    .where('reservations.class', '=', loss.class)
    .where('reservations.expires_at', '>', act.now)
    .orderBy('reservations.created_at')
    .executeTakeFirst();
  if (reserved !== undefined) {
    const { reservation_id, approved, ceiling_of } = reserved;
    await act.db
      .deleteFrom('reserved_steps')
      .where('reservation_id', '=', reservation_id)
      .where('step_hash', '=', loss.stepHash)
      .execute();
    await closeUsedUp(act);
    return { approved, ceiling_of };
  }
  if (loss.class !== 'suspensions') {
    throw refuse('NotReserved', `${loss.units} of ${loss.class} would be lost without a reservation.`);
  }
  const ceiling_of = ceilingOf(act, null);
  await checkBudget(act, loss.class, [loss]);
  await checkCeiling(act, loss.class, loss.units, ceiling_of);
  return { approved: 0, ceiling_of };
}

/** A step that loses nothing any more leaves the reservation it was in. */
export async function forgetReserved(act: Act, hash: string): Promise<void> {
  const inVault = act.db.selectFrom('reservations').select('id').where('vault_id', '=', act.vault.id);
  await act.db
    .deleteFrom('reserved_steps')
    .where('step_hash', '=', hash)
    .where('reservation_id', 'in', inVault)
    .execute();
  await closeUsedUp(act);
}

/** A reservation goes with its last step. */
async function closeUsedUp(act: Act): Promise<void> {
  await act.db
    .deleteFrom('reservations')
    .where('vault_id', '=', act.vault.id)
    .where('id', 'not in', act.db.selectFrom('reserved_steps').select('reservation_id'))
    .execute();
}

/** Writes a loss that ran into the ledger. */
export async function recordLoss(act: Act, entry: string, loss: JudgedLoss, cover: Cover): Promise<void> {
  const { class: lossClass, units, stepHash } = loss;
  await act.db
    .insertInto('ledger')
    .values({
      vault_id: act.vault.id,
      entry,
      class: lossClass,
      units,
      at: act.now,
      step_hash: stepHash,
      ...cover,
    })
    .execute();
}

/** Units of a class there are; agrees with the model's `populationOf` without building the whole state. */
export async function population(
  db: Kysely<Database>,
  vaultId: string,
  lossClass: LossClass,
  now: number,
): Promise<number> {
  const counted = async (query: ReturnType<typeof sql<{ n: number }>>): Promise<number> =>
    (await query.execute(db)).rows[0]?.n ?? 0;
  switch (lossClass) {
    case 'people':
    case 'suspensions':
      return counted(
        sql`select count(*) as n from members where vault_id = ${vaultId} and state <> 'Invited'`,
      );
    case 'invites':
      return counted(
        sql`select count(*) as n from members where vault_id = ${vaultId} and state = 'Invited'
          and created_at <= ${now - INVITE_COUNTS_AFTER}`,
      );
    case 'access':
      return counted(sql`select
        (select count(*) from members
          where vault_id = ${vaultId} and template_id is not null and state <> 'Invited') +
        (select count(*) from grants
          join members on members.id = grants.member_id
          where members.vault_id = ${vaultId} and members.state <> 'Invited') +
        (select count(*) from group_members
          join members on members.id = group_members.member_id
          where members.vault_id = ${vaultId} and members.state <> 'Invited'
            and exists (select 1 from group_grants
              join projects on projects.id = group_grants.project_id
              where group_grants.group_id = group_members.group_id and projects.deleted_at is null)) as n`);
    case 'machines':
      return counted(sql`select count(*) as n from machines where vault_id = ${vaultId}`);
    case 'projects':
      return counted(
        sql`select count(*) as n from projects where vault_id = ${vaultId} and deleted_at is null`,
      );
  }
}

/** No loss follows from what a delegation may do. */
const NOT_LOOKED_AT: DelegatedState = {
  ceilings: DEFAULT_CEILINGS,
  ceilingsUsed: DEFAULT_CEILINGS,
  gains: { budgets: DEFAULT_GAIN_BUDGETS, given: [] },
  bounded: false,
};

/**
 * The losses by step: they are judged one after the other, as they will run. A step that loses nothing takes no
 * place. Throws `Invalid` for a loss of another class.
 */
function askedOf(
  state: OrganizationState,
  { actions, class: lossClass }: ReservationRequest,
  now: number,
): readonly CountedLoss[] {
  const units = new Map<string, number>();
  let current = state;
  for (const action of actions) {
    const { loss } = consequence(current, action, now);
    current = withSharedSteps(current, [action]);
    if (loss === null) continue;
    if (loss.class !== lossClass) {
      throw refuse('Invalid', `${action.kind} ${action.key} loses ${loss.class}, not ${lossClass}.`);
    }
    units.set(stepHash(state.vaultId, action), loss.units);
  }
  return [...units].map(([hash, count]) => ({ stepHash: hash, units: count }));
}

/** Used in the window + reserved + asked <= budget (rail 1). Approved losses do not count. */
async function checkBudget(act: Act, lossClass: LossClass, asked: readonly CountedLoss[]): Promise<void> {
  const settings = appliedSettings(act.vault);
  const budget = budgetOf(
    budgetFor(settings, lossClass),
    await population(act.db, act.vault.id, lossClass, act.now),
  );
  const lost = await lostOrReserved(act, lossClass);
  const spent = spending(lossClass, lost, asked);
  if (fits(budget, spent)) return;
  throw refuse(
    'OverBudget',
    settings?.losses === 'Hold' && budget === 0
      ? `rails.losses is Hold: ${spent.more} of ${lossClass} wait for an approval.`
      : `No more than ${budget} of ${lossClass} may be lost in ${spanText(BUDGET_WINDOW)}: ${spent.used} are lost or reserved, ${spent.more} more were asked for.`,
    'Approve the plan, or change what is declared.',
  );
}

/** What counts toward the budget: approved losses do not. */
async function lostOrReserved(
  { db, vault, now }: Act,
  lossClass: LossClass,
): Promise<readonly CountedLoss[]> {
  const lost = await db
    .selectFrom('ledger')
    .select(['step_hash as stepHash', 'units'])
    .where('vault_id', '=', vault.id)
    .where('class', '=', lossClass)
    .where('at', '>', now - BUDGET_WINDOW)
    .where('approved', '=', 0)
    .execute();
  const reserved = await db
    .selectFrom('reservations')
    .innerJoin('reserved_steps', 'reserved_steps.reservation_id', 'reservations.id')
    .select(['reserved_steps.step_hash as stepHash', 'reserved_steps.units'])
    .where('vault_id', '=', vault.id)
    .where('class', '=', lossClass)
    .where('expires_at', '>', now)
    .where('approved', '=', 0)
    .execute();
  return [...lost, ...reserved];
}
