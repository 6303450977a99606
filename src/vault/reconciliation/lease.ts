/**
 * Rail 10: one writer a vault; rail 12: the freeze flag. Both lie outside revision and audit.
 *
 * Decides V4: the name that an identity is kept to where its owner named none.
 * Decides rail 10: who holds the lease, and that every write carries its fence.
 * Decides rail 12: that a frozen vault takes no other write than those of these steps.
 */
import type { Kysely, Transaction } from 'kysely';
import { passesFreeze } from '#model/freeze.ts';
import type { FreezeFlag, LeaseState } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { Fence, LeaseAnswer, LeaseRequest } from '#protocol/management.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { checkManager } from '../automation/automation-bounds.ts';
import { bookkeepWrite, type DelegatedCall } from '../automation/delegated-writes.ts';
import { checkManagerOrFirst } from '../automation/first-manager.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import type { Database, LeaseTable } from '../store/schema.ts';

/** How long a lease holds without being renewed: 45 s, longer than a long poll (30 s). */
const LEASE_LIFE = 45_000;
/** How long the holder is asked to yield after the other process asked last. */
const YIELD_LIFE = 30_000;

/** The row that every vault starts with. */
export function freeLease(vaultId: string): LeaseTable {
  return {
    vault_id: vaultId,
    manager: null,
    installation: null,
    fencing: 0,
    expires_at: 0,
    yield_to: null,
    yield_until: 0,
    freeze_by: null,
    freeze_reason: null,
    freeze_at: null,
    freeze_all: 0,
  };
}

export function leaseState(row: LeaseTable, now: number): LeaseState | null {
  if (row.manager === null || row.installation === null || row.expires_at <= now) return null;
  return {
    manager: row.manager,
    installation: row.installation,
    fencing: row.fencing,
    expiresAt: row.expires_at,
  };
}

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
 * (V4). Throws `Forbidden` by another name, and by a first one that another delegation has; `LeaseHeld` while another process of the same manager holds it (it is
 * asked to yield) and `ManagementConflict`, naming the holder, while another manager does.
 */
export async function takeLease(
  context: VaultContext,
  by: DelegatedCall,
  request: LeaseRequest,
): Promise<LeaseAnswer> {
  const { vaultId } = by;
  // A refusal is answered, not thrown, inside the transaction: that the holder should yield must be kept.
  const outcome = await bookkeepWrite(context, by, async (db, now, actor) => {
    // Where none is named, the one under which it first takes the lease is kept below.
    await checkManagerOrFirst(db, vaultId, actor, request.manager);
    const row = await leaseRow(db, vaultId);
    const holder = leaseState(row, now);
    if (holder !== null && holder.manager !== request.manager) return conflict(holder);
    if (holder !== null && holder.installation !== request.installation) {
      await store(db, { ...row, yield_to: request.installation, yield_until: now + YIELD_LIFE });
      return leaseHeld(holder.installation);
    }
    const promised = row.manager === request.manager && row.yield_until > now ? row.yield_to : null;
    if (holder === null && promised !== null && promised !== request.installation) return leaseHeld(promised);
    // Two processes of one installation are two holders: what the older one still sends is refused.
    const same =
      row.manager === request.manager &&
      row.installation === request.installation &&
      row.fencing === request.fencing;
    const taken = {
      ...row,
      manager: request.manager,
      installation: request.installation,
      fencing: same ? row.fencing : row.fencing + 1,
      expires_at: now + LEASE_LIFE,
      ...(promised === request.installation ? { yield_to: null, yield_until: 0 } : {}),
    };
    await store(db, taken);
    if (actor.managers === null) await keepManager(db, actor, request.manager);
    return { fencing: taken.fencing, expiresAt: taken.expires_at };
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

/** Gives the lease back; nothing happens where the fence is not the holder's. */
export async function releaseLease(context: VaultContext, by: DelegatedCall, fence: Fence): Promise<void> {
  const { vaultId } = by;
  await bookkeepWrite(context, by, async (db, now, actor) => {
    checkManager(actor, fence.manager);
    const row = await leaseRow(db, vaultId);
    if (!holds(row, fence, now)) return;
    // The manager stays, for whom the yield was asked; the installation goes, so that the next holder is a new one.
    await db
      .updateTable('leases')
      .set({ installation: null, expires_at: 0 })
      .where('vault_id', '=', vaultId)
      .execute();
  });
  context.wake(vaultId);
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
export function checkFreeze(flag: FreezeFlag | null, steps: readonly Pick<StepAction, 'kind'>[]): void {
  if (flag === null || (steps.length > 0 && steps.every(({ kind }) => passesFreeze(flag, kind)))) return;
  throw refuse('Frozen', `The vault was frozen by ${flag.by}: ${flag.reason}`);
}

/**
 * Sets or clears the freeze flag and says so in the audit log, in the transaction of the act (A2); frozen again, the
 * first flag stays, and becomes one of all where either is. Outside the revision, so whoever acts wakes the long polls afterwards.
 */
export async function setFreeze(act: Act, freeze: Omit<FreezeFlag, 'at'> | null): Promise<FreezeFlag | null> {
  const { db, vault, now } = act;
  const subject = { kind: 'Vault', key: vault.id };
  const record =
    freeze === null
      ? { action: 'vault.thawed', subject }
      : { action: 'vault.frozen', subject, details: { reason: freeze.reason, all: freeze.all } };
  await act.auditOnly(record, 'none');
  const row = await leaseRow(db, vault.id);
  const changed = { ...row, ...freezeColumns(freezeAfter(freezeFlag(row), freeze, now)) };
  await store(db, changed);
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

function holds(row: LeaseTable, fence: Fence, now: number): boolean {
  return (
    row.manager === fence.manager &&
    row.installation === fence.installation &&
    row.fencing === fence.fencing &&
    row.expires_at > now
  );
}

async function store(db: Transaction<Database>, row: LeaseTable): Promise<void> {
  await db
    .insertInto('leases')
    .values(row)
    .onConflict((conflict) => conflict.column('vault_id').doUpdateSet(row))
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

function conflict(holder: LeaseState): DomainError {
  return new DomainError({
    code: 'ManagementConflict',
    status: 409,
    detail: `The vault is managed by ${holder.manager} (${holder.installation}).`,
    next: 'Stop that manager, or use its manager name.',
  });
}
