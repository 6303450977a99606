import type { Transaction } from 'kysely';
import type { Database } from '../store/schema.ts';

/**
 * What waited to leave when a backup was made has mostly left since: nothing of it goes out a second time, and the
 * lists say why. Tokens of sign-ups that were mailed since are unknown, so all are asked for anew.
 */
export async function withholdWhatWaited(db: Transaction<Database>): Promise<void> {
  const withheld = { next_attempt_at: null, last_error: 'Restored' };
  await db
    .updateTable('mails')
    .set({ ...withheld, body: '' })
    .where('next_attempt_at', 'is not', null)
    .execute();
  await db.updateTable('deliveries').set(withheld).where('next_attempt_at', 'is not', null).execute();
  await db.deleteFrom('alert_notices').execute();
  await db.deleteFrom('sign_ups').execute();
}
