/** Whether an account has more to prove itself by than its password. */
import type { Kysely } from 'kysely';
import type { Database } from '../store/schema.ts';

/** A second factor that was confirmed, or a passkey. */
export async function hasAnotherFactor(db: Kysely<Database>, accountId: string): Promise<boolean> {
  const factor = await db
    .selectFrom('second_factors')
    .select('account_id')
    .where('account_id', '=', accountId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst();
  if (factor !== undefined) return true;
  const passkey = await db
    .selectFrom('passkeys')
    .select('id')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return passkey !== undefined;
}
