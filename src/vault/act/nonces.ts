import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../store/schema.ts';

/** Records the nonce of a verified request; false where it was used before. Survives a restart. */
export async function useNonce(
  db: Transaction<Database>,
  subject: string,
  nonce: string,
  expiresAt: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('nonces')
    .values({ subject, nonce, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Whether a request of the subject used the nonce. `useNonce` decides; this spares a replay the work before it. */
export async function isNonceUsed(db: Kysely<Database>, subject: string, nonce: string): Promise<boolean> {
  const row = await db
    .selectFrom('nonces')
    .select('nonce')
    .where('subject', '=', subject)
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  return row !== undefined;
}
