/** The second factor of an account: enrolled, confirmed by a code, removed; and the recovery codes beside it. */
import type { Kysely, Transaction } from 'kysely';
import type { VaultContext } from '../../act/context.ts';
import { DomainError } from '../../common/domain-error.ts';
import { type Account, checkVerified } from '../../sessions/accounts.ts';
import { noteEvent } from '../../sessions/events.ts';
import { changeCredentials, holdCredentials, type Seen } from '../../sessions/proof.ts';
import type { Database } from '../../store/schema.ts';
import type { SecondFactorTable } from '../../store/tables/sign-in-tables.ts';
import { notify } from '../account-notices.ts';
import { enrolment, newRecoveryCodes, newSharedSecret, recoveryHash, stepOf, typedCode } from './codes.ts';

export type SecondFactorContext = Pick<VaultContext, 'reader' | 'bookkeep' | 'cipher' | 'clock' | 'ids'>;

/** Who asks, and from where. */
export interface Asking {
  readonly account: Account;
  readonly source: string;
}

/** The same of a session that has proven itself, as long as nothing changed since it was read. */
export interface Proven extends Asking, Seen {}

/** Whose the shared secret is, as the root key wraps it: it opens for no other account. */
export function secondFactorOwner(accountId: string): string {
  return `second-factor:${accountId}`;
}

/** The confirmed second factor; undefined where there is none that counts. */
export async function secondFactorOf(
  db: Kysely<Database>,
  accountId: string,
): Promise<SecondFactorTable | undefined> {
  return db
    .selectFrom('second_factors')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst();
}

export interface SecondFactorState {
  readonly state: 'None' | 'Pending' | 'Confirmed';
  readonly confirmedAt: number | null;
  readonly recoveryCodesLeft: number;
}

export async function secondFactorState(db: Kysely<Database>, accountId: string): Promise<SecondFactorState> {
  const row = await db
    .selectFrom('second_factors')
    .select('confirmed_at')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  const { left } = await db
    .selectFrom('recovery_codes')
    .select(({ fn }) => fn.countAll<number>().as('left'))
    .where('account_id', '=', accountId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  const state = row === undefined ? 'None' : row.confirmed_at === null ? 'Pending' : 'Confirmed';
  return { state, confirmedAt: row?.confirmed_at ?? null, recoveryCodesLeft: left };
}

/**
 * A new shared secret, answered once; it counts from its confirmation on, and takes the place of one that was never
 * confirmed. Throws DomainError `SecondFactorEnrolled`, `EmailNotVerified`, `CredentialsChanged`; SealedError without
 * the root key.
 */
export async function enrolSecondFactor(
  context: SecondFactorContext,
  proven: Proven,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const { account, source } = proven;
  checkVerified(account);
  const secret = newSharedSecret();
  const { wrapped_key, root_key_id } = context.cipher.wrap(secret, secondFactorOwner(account.id));
  await context.bookkeep(async (db) => {
    await holdCredentials(db, proven);
    await db
      .deleteFrom('second_factors')
      .where('account_id', '=', account.id)
      .where('confirmed_at', 'is', null)
      .execute();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('second_factors')
      .values({
        account_id: account.id,
        wrapped_key,
        root_key_id,
        created_at: context.clock.now(),
        confirmed_at: null,
        last_step: 0,
        wrong_codes: 0,
        waits_until: 0,
      })
      .onConflict((conflict) => conflict.column('account_id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) throw enrolled();
    await noteEvent(db, context, account.id, { action: 'second-factor.enrolled', source });
  });
  return enrolment(secret, account.email);
}

/**
 * The person's app gives the right codes: the second factor counts from now on. Answers the recovery codes, once.
 * Throws DomainError `WrongCode`, `NothingToConfirm`, `CredentialsChanged`; SealedError without the root key.
 */
export async function confirmSecondFactor(
  context: SecondFactorContext,
  proven: Proven,
  given: string,
  alsoIn: (db: Transaction<Database>) => Promise<void>,
): Promise<string[]> {
  const { account, source } = proven;
  const pending = await context.reader
    .selectFrom('second_factors')
    .selectAll()
    .where('account_id', '=', account.id)
    .where('confirmed_at', 'is', null)
    .executeTakeFirst();
  if (pending === undefined) throw nothingToConfirm();
  const now = context.clock.now();
  const secret = context.cipher.unwrap(pending, secondFactorOwner(account.id));
  const typed = typedCode(given);
  const step = typed?.kind === 'App' ? stepOf(secret, typed.code, now) : null;
  if (step === null) throw wrongCode();
  const codes = newRecoveryCodes();
  await context.bookkeep(async (db) => {
    await changeCredentials(db, proven);
    const { numUpdatedRows } = await db
      .updateTable('second_factors')
      // The code that confirms is used by that.
      .set({ confirmed_at: now, last_step: step })
      .where('account_id', '=', account.id)
      .where('confirmed_at', 'is', null)
      // Not one that was enrolled meanwhile.
      .where('wrapped_key', '=', pending.wrapped_key)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) throw nothingToConfirm();
    await storeCodes(db, account.id, codes);
    await alsoIn(db);
    await noteEvent(db, context, account.id, { action: 'second-factor.confirmed', source });
    await notify(db, account.email, 'second-factor-confirmed', now);
  });
  return codes;
}

/** Throws DomainError `NoSecondFactor`, `CredentialsChanged`. */
export async function removeSecondFactor(context: SecondFactorContext, proven: Proven): Promise<void> {
  const { account, source } = proven;
  await context.bookkeep(async (db) => {
    await changeCredentials(db, proven);
    const removed = await db
      .deleteFrom('second_factors')
      .where('account_id', '=', account.id)
      .returning('confirmed_at')
      .executeTakeFirst();
    if (removed === undefined) throw noSecondFactor();
    await db.deleteFrom('recovery_codes').where('account_id', '=', account.id).execute();
    // Proven by this one, not by one that is enrolled later.
    await db
      .updateTable('sessions')
      .set({ proven_by: 'Password' })
      .where('account_id', '=', account.id)
      .where('proven_by', '=', 'SecondFactor')
      .execute();
    await noteEvent(db, context, account.id, { action: 'second-factor.removed', source });
    if (removed.confirmed_at !== null) {
      await notify(db, account.email, 'second-factor-removed', context.clock.now());
    }
  });
}

/** Ten others; those of before work no longer. Throws DomainError `NoSecondFactor`, `CredentialsChanged`. */
export async function regenerateRecoveryCodes(
  context: SecondFactorContext,
  proven: Proven,
): Promise<string[]> {
  const { account, source } = proven;
  const codes = newRecoveryCodes();
  await context.bookkeep(async (db) => {
    // A recovery code that was right a moment ago is none any more.
    await changeCredentials(db, proven);
    if ((await secondFactorOf(db, account.id)) === undefined) throw noSecondFactor();
    await storeCodes(db, account.id, codes);
    await noteEvent(db, context, account.id, { action: 'recovery-codes.made', source });
  });
  return codes;
}

async function storeCodes(
  db: Transaction<Database>,
  accountId: string,
  codes: readonly string[],
): Promise<void> {
  await db.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
  const rows = codes.map((code) => ({
    account_id: accountId,
    code_hash: recoveryHash(accountId, code),
    used_at: null,
  }));
  await db.insertInto('recovery_codes').values(rows).execute();
}

export function wrongCode(): DomainError {
  return new DomainError({
    code: 'WrongCode',
    status: 401,
    detail: 'The code is wrong, or was used before.',
    next: 'Wait for the next code of the app, or give a recovery code.',
  });
}

function enrolled(): DomainError {
  return new DomainError({
    code: 'SecondFactorEnrolled',
    status: 409,
    detail: 'This account has a second factor.',
    next: 'Remove it first: DELETE /api/v1/me/second-factor.',
  });
}

function nothingToConfirm(): DomainError {
  return new DomainError({
    code: 'NothingToConfirm',
    status: 409,
    detail: 'No second factor waits for its confirmation.',
    next: 'Enrol one first: POST /api/v1/me/second-factor.',
  });
}

function noSecondFactor(): DomainError {
  return new DomainError({
    code: 'NoSecondFactor',
    status: 409,
    detail: 'This account has no second factor.',
    next: 'Enrol one first: POST /api/v1/me/second-factor.',
  });
}
