import type { Transaction } from 'kysely';
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
