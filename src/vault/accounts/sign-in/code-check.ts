/** Whether a code of an account is right: each is used once, in whichever replica. */
import type { Transaction } from 'kysely';
import { DomainError } from '../../common/domain-error.ts';
import { noteEvent } from '../../sessions/events.ts';
import type { Database } from '../../store/schema.ts';
import { notify } from '../account-notices.ts';
import { recoveryHash, stepOf, typedCode, waitAfter } from './codes.ts';
import { type Asking, type SecondFactorContext, secondFactorOwner } from './second-factor.ts';

/**
 * Uses the code up. False: it is wrong, or was used. Throws DomainError `CodesWait` after many wrong ones in a row,
 * and SealedError for a code of the app where the server has no root key.
 */
export async function useCode(context: SecondFactorContext, asking: Asking, given: string): Promise<boolean> {
  const typed = typedCode(given);
  if (typed?.kind === 'Recovery') return useRecoveryCode(context, asking, typed.code);
  const { account } = asking;
  const now = context.clock.now();
  return context.bookkeep(async (db) => {
    // Locked first: guesses that come at once, from several addresses and to several replicas, count one by one.
    const factor = await db
      .updateTable('second_factors')
      .set(({ ref }) => ({ wrong_codes: ref('wrong_codes') }))
      .where('account_id', '=', account.id)
      .where('confirmed_at', 'is not', null)
      .returningAll()
      .executeTakeFirst();
    if (factor === undefined) return false;
    if (factor.waits_until > now) throw codesWait(factor.waits_until - now);
    const secret = context.cipher.unwrap(factor, secondFactorOwner(account.id));
    const step = typed === null ? null : stepOf(secret, typed.code, now);
    // RFC 6238 §5.2: a code is accepted once, and none of an earlier step after it.
    if (step === null || step <= factor.last_step) {
      await countWrong(context, db, asking, factor.wrong_codes + 1);
      return false;
    }
    await db
      .updateTable('second_factors')
      .set({ last_step: step, wrong_codes: 0, waits_until: 0 })
      .where('account_id', '=', account.id)
      .execute();
    return true;
  });
}

async function useRecoveryCode(
  context: SecondFactorContext,
  { account, source }: Asking,
  code: string,
): Promise<boolean> {
  const now = context.clock.now();
  return context.bookkeep(async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('recovery_codes')
      .set({ used_at: now })
      .where('account_id', '=', account.id)
      .where('code_hash', '=', recoveryHash(account.id, code))
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) return false;
    await noteEvent(db, context, account.id, { action: 'recovery-code.used', source });
    await notify(db, account.email, 'recovery-code-used', now);
    return true;
  });
}

async function countWrong(
  context: SecondFactorContext,
  db: Transaction<Database>,
  { account, source }: Asking,
  wrong: number,
): Promise<void> {
  const now = context.clock.now();
  await db
    .updateTable('second_factors')
    .set({ wrong_codes: wrong, waits_until: now + waitAfter(wrong) })
    .where('account_id', '=', account.id)
    .execute();
  if (wrong === FIRST_WAIT) await notify(db, account.email, 'codes-refused', now);
  await noteEvent(db, context, account.id, { action: 'code.refused', source });
}

/** The wrong code in a row after which codes wait for the first time. */
const FIRST_WAIT = 10;

function codesWait(milliseconds: number): DomainError {
  const seconds = Math.ceil(milliseconds / 1000);
  return new DomainError({
    code: 'CodesWait',
    status: 429,
    detail: 'Too many wrong codes were given for this account.',
    next: `Wait ${seconds} s, or give a recovery code, or sign in by a passkey.`,
    retryAfter: seconds,
  });
}
