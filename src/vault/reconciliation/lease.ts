/**
 * Rail 10: one writer a vault; rail 12: the freeze flag. Both lie outside revision and audit.
 *
 * Decides V4: the name that an identity is kept to where its owner named none.
 * Decides rail 10: that every write carries the fence of the lease.
 * Decides rail 12: that a frozen vault takes no other write than those of these steps.
 */
import type { Kysely, Transaction } from 'kysely';
import { passesFreeze } from '#model/freeze.ts';
import { handoverCommand } from '#model/lease-standing.ts';
import type { FreezeFlag, LeaseState } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type { StepAction } from '#model/step.ts';
import type { Fence, LeaseAnswer, LeaseRequest, LeaseReturn } from '#protocol/management.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act, AuditRecord, VaultContext } from '../act/context.ts';
import { checkManager } from '../automation/automation-bounds.ts';
import { bookkeepWrite, type DelegatedCall } from '../automation/delegated-writes.ts';
import { checkManagerOrFirst } from '../automation/first-manager.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import type { Database, LeaseNumberTable, LeaseTable } from '../store/schema.ts';
import {
  freeLease,
  handedOver,
  holds,
  LEASE_LIFE,
  leaseState,
  returned,
  type Successor,
  successorOf,
  taking,
} from './lease-states.ts';

export function freezeFlag(row: LeaseTable): FreezeFlag | null {
  if (row.freeze_at === null) return null;
  return {
    by: row.freeze_by ?? '',
    reason: row.freeze_reason ?? '',
    at: row.freeze_at,
    all: row.freeze_all === 1,
  };
}

async function leaseRow(db: Kysely<Database>, vaultId: string): Promise<LeaseTable> {
  const row = await db.selectFrom('leases').selectAll().where('vault_id', '=', vaultId).executeTakeFirst();
  return row ?? freeLease(vaultId);
}

/**
 * Takes the lease, or renews it for who names its fencing number; the first name by which an identity takes it is kept
 * (V4). Throws `Forbidden` by another name, and by a first one that another delegation has, `LeaseHeld` while another process of the same manager makes room and
 * `ManagementConflict`, naming whose it is, while it is another's.
 */
export async function takeLease(
  context: VaultContext,
  by: DelegatedCall,
  request: LeaseRequest,
): Promise<LeaseAnswer> {
  const { vaultId } = by;
  // A refusal is answered, not thrown, inside the transaction: who asked must be kept.
  const outcome = await bookkeepWrite(context, by, async (db, now, actor) => {
    // Where none is named, the one under which it first takes the lease is kept below.
    await checkManagerOrFirst(db, vaultId, actor, request.manager);
    const taken = taking(await leaseRow(db, vaultId), request, { now, actsFor: actor.managers });
    await storeLease(db, taken.row);
    if (taken.kind === 'conflict') return conflict(taken.holder, request);
    if (taken.kind === 'waits') return leaseHeld(taken.holder);
    const { fencing, expires_at } = taken.row;
    await keepNumber(db, { vault_id: vaultId, manager: request.manager, fencing });
    if (actor.managers === null) await keepManager(db, actor, request.manager);
    return { fencing, holdsFor: expires_at - now };
  });
  // Somebody waits, or somebody came: the holder's long poll learns of it at once.
  if (outcome instanceof DomainError) {
    context.wake(vaultId);
    throw outcome;
  }
  return outcome;
}

/** Renews the lease of a holder that still has it; answers whether it has. */
export async function renewLease(context: VaultContext, by: DelegatedCall, fence: Fence): Promise<boolean> {
  const { vaultId } = by;
  return bookkeepWrite(context, by, async (db, now, actor) => {
    checkManager(actor, fence.manager);
    const row = await leaseRow(db, vaultId);
    if (!holds(row, fence, now)) return false;
    await db
      .updateTable('leases')
      .set({ expires_at: now + LEASE_LIFE })
      .where('vault_id', '=', vaultId)
      .execute();
    return true;
  });
}

/** Gives the lease back, or lends it; nothing happens where the fence is not the holder's. */
export async function releaseLease(
  context: VaultContext,
  by: DelegatedCall,
  lease: LeaseReturn,
): Promise<void> {
  const { vaultId } = by;
  await bookkeepWrite(context, by, async (db, _now, actor) => {
    checkManager(actor, lease.manager);
    const after = returned(await leaseRow(db, vaultId), lease);
    if (after !== null) await storeLease(db, after);
  });
  context.wake(vaultId);
}

/** The number under which the manager held the lease last; 0: never. */
export async function lastFencing(db: Kysely<Database>, vaultId: string, manager: string): Promise<number> {
  const row = await db
    .selectFrom('lease_numbers')
    .select('fencing')
    .where('vault_id', '=', vaultId)
    .where('manager', '=', manager)
    .executeTakeFirst();
  return row?.fencing ?? 0;
}

export interface ShownLease {
  readonly lease: LeaseState | null;
  readonly refused: { readonly manager: string; readonly installation: string; readonly at: number } | null;
}

/** The lease, for people. */
export async function shownLease({ reader, clock }: VaultContext, vaultId: string): Promise<ShownLease> {
  const row = await leaseRow(reader, vaultId);
  const refused = successorOf(row);
  return {
    lease: leaseState(row, clock.now()),
    refused: refused === null ? null : { ...refused, at: row.asked_at },
  };
}

/**
 * A person takes the lease from whose they saw it to be (`from`; null: nobody's), and says so in the audit log. Outside the
 * revision, so whoever acts wakes the long polls afterwards. Throws DomainError `LeaseMoved` where it is another's by now:
 * what was seen is no reason to take it from that one.
 */
export async function handOver(
  act: Act,
  reason: string,
  { from, to }: { readonly from: Successor; readonly to: Successor },
): Promise<LeaseState | null> {
  const { db, vault, now } = act;
  const row = await leaseRow(db, vault.id);
  const has = named(leaseState(row, now));
  if (!sameValue(named(from), has)) throw leaseMoved(has);
  await act.auditOnly(
    {
      action: 'lease.handed-over',
      subject: { kind: 'Vault', key: vault.id },
      details: { reason, from: has, to: named(to) },
    },
    'none',
  );
  const after = handedOver(row, to, now);
  await storeLease(db, after);
  return leaseState(after, now);
}

function named(one: Successor) {
  return one === null ? null : { manager: one.manager, installation: one.installation };
}

function leaseMoved(has: Successor): DomainError {
  return new DomainError({
    code: 'LeaseMoved',
    status: 409,
    detail:
      has === null
        ? 'Nobody has the lease by now.'
        : `The lease is that of ${has.manager}, installation ${has.installation}, by now.`,
    next: 'Look whose it is, and hand it over from that one where that is meant: seneschal claim',
  });
}

/**
 * The freeze flag in the transaction of a write, once its fence holds and is one of a manager that the identity acts
 * for: everybody who observes a vault sees who holds its lease. Throws `Forbidden`, then `LeaseLost`.
 */
export async function checkFence(
  {
    db,
    vault,
    now,
  }: { readonly db: Transaction<Database>; readonly vault: { readonly id: string }; readonly now: number },
  actor: AutomationActor,
  fence: Fence,
): Promise<{ readonly freeze: FreezeFlag | null }> {
  checkManager(actor, fence.manager);
  const row = await leaseRow(db, vault.id);
  if (!holds(row, fence, now)) {
    const holder = leaseState(row, now);
    throw refuse(
      'LeaseLost',
      holder === null
        ? 'The lease of this vault has run out.'
        : `The lease is held by ${holder.manager} (${holder.installation}).`,
    );
  }
  return { freeze: freezeFlag(row) };
}

async function keepManager(
  db: Transaction<Database>,
  { id }: AutomationActor,
  manager: string,
): Promise<void> {
  await db
    .updateTable('automations')
    .set({ managers: JSON.stringify([manager]) })
    .where('id', '=', id)
    .execute();
}

/**
 * Throws `Frozen` where the flag is set and stops one of the steps that the write is made of; a write that is made of
 * none passes no freeze (rail 12).
 */
export function checkFreeze(flag: FreezeFlag | null, steps: readonly StepAction[]): void {
  if (flag === null || (steps.length > 0 && steps.every((step) => passesFreeze(flag, step)))) return;
  throw refuse('Frozen', `The vault was frozen by ${flag.by}: ${flag.reason}`);
}

/**
 * Sets or clears the freeze flag and says so in the audit log, in the transaction of the act (A2); frozen again, the
 * first flag stays, and becomes one of all where either is. Outside the revision, so whoever acts wakes the long polls afterwards.
 */
export async function setFreeze(act: Act, freeze: Omit<FreezeFlag, 'at'> | null): Promise<FreezeFlag | null> {
  const { db, vault, now } = act;
  const subject = { kind: 'Vault', key: vault.id };
  const record: AuditRecord =
    freeze === null
      ? { action: 'vault.thawed', subject }
      : { action: 'vault.frozen', subject, details: { reason: freeze.reason, all: freeze.all } };
  await act.auditOnly(record, 'none');
  const row = await leaseRow(db, vault.id);
  const changed = { ...row, ...freezeColumns(freezeAfter(freezeFlag(row), freeze, now)) };
  await storeLease(db, changed);
  return freezeFlag(changed);
}

function freezeAfter(
  stands: FreezeFlag | null,
  freeze: Omit<FreezeFlag, 'at'> | null,
  now: number,
): FreezeFlag | null {
  if (freeze === null) return null;
  return stands === null ? { ...freeze, at: now } : { ...stands, all: stands.all || freeze.all };
}

function freezeColumns(flag: FreezeFlag | null) {
  return {
    freeze_by: flag?.by ?? null,
    freeze_reason: flag?.reason ?? null,
    freeze_at: flag?.at ?? null,
    freeze_all: flag?.all === true ? (1 as const) : (0 as const),
  };
}

async function storeLease(db: Transaction<Database>, row: LeaseTable): Promise<void> {
  await db
    .insertInto('leases')
    .values(row)
    .onConflict((conflict) => conflict.column('vault_id').doUpdateSet(row))
    .execute();
}

/** The number of the holder's lease, which says later which of its leases was the last. */
async function keepNumber(db: Transaction<Database>, row: LeaseNumberTable): Promise<void> {
  await db
    .insertInto('lease_numbers')
    .values(row)
    .onConflict((conflict) => conflict.columns(['vault_id', 'manager']).doUpdateSet({ fencing: row.fencing }))
    .execute();
}

function leaseHeld(installation: string): DomainError {
  return new DomainError({
    code: 'LeaseHeld',
    status: 409,
    detail: `Another process of this manager holds the lease (${installation}); it was asked to yield.`,
    next: 'Ask again in a second.',
    retryAfter: 1,
  });
}

function conflict(
  { manager, installation, since, expiresAt, holdsFor }: LeaseState,
  { holder = 'Operator', ...asks }: LeaseRequest,
): DomainError {
  const time = (at: number): string => new Date(at).toISOString();
  const has = holdsFor > 0 ? `since ${time(since)}` : `and did not give it back (until ${time(expiresAt)})`;
  return new DomainError({
    code: 'ManagementConflict',
    status: 409,
    detail: `The vault is managed by ${manager}, whose installation ${installation} has the lease ${has}.`,
    next: `Stop that manager, or have the owner or an approver hand the lease over: ${handoverCommand({ ...asks, holder })}`,
  });
}
