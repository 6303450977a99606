/** The shared secrets of second factors, which the root key wraps: of accounts, so of no vault. */
import type { Kysely } from 'kysely';
import { secondFactorOwner } from '../accounts/sign-in/second-factor.ts';
import type { VaultContext } from '../act/context.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import type { Database } from '../store/schema.ts';

/** In one transaction: others write in between. */
const BATCH = 100;

/**
 * Wraps by the cipher's root key whatever another one wraps; answers how many. Adds to `broken` the accounts whose
 * secrets do not open, and leaves those as they are.
 */
export async function rewrapSecondFactors(
  { reader, bookkeep, cipher }: Pick<VaultContext, 'reader' | 'bookkeep' | 'cipher'>,
  broken: string[],
): Promise<number> {
  let rewrapped = 0;
  let after = '';
  for (;;) {
    const rows = await reader
      .selectFrom('second_factors')
      .select(['account_id', 'wrapped_key', 'root_key_id'])
      .where('root_key_id', '!=', cipher.rootKeyId ?? '')
      .where('account_id', '>', after)
      .orderBy('account_id')
      .limit(BATCH)
      .execute();
    const anew = rows.flatMap((row) => {
      try {
        return [{ row, key: cipher.rewrap(row, secondFactorOwner(row.account_id)) }];
      } catch {
        broken.push(row.account_id);
        return [];
      }
    });
    rewrapped += await bookkeep(async (db) => {
      let count = 0;
      for (const { row, key } of anew) {
        const { numUpdatedRows } = await db
          .updateTable('second_factors')
          .set({ wrapped_key: key.wrapped_key, root_key_id: key.root_key_id })
          .where('account_id', '=', row.account_id)
          // Not one that was enrolled meanwhile.
          .where('wrapped_key', '=', row.wrapped_key)
          .executeTakeFirstOrThrow();
        count += Number(numUpdatedRows);
      }
      return count;
    });
    after = rows.at(-1)?.account_id ?? '';
    if (rows.length < BATCH) return rewrapped;
  }
}

/** Opens each; `opens` notes what does not, and says whether it did. Answers how many opened. */
export async function examineSecondFactors(
  db: Kysely<Database>,
  cipher: SecretCipher,
  opens: (what: string, open: () => unknown) => boolean,
): Promise<number> {
  const rows = await db
    .selectFrom('second_factors')
    .select(['account_id', 'wrapped_key', 'root_key_id'])
    .execute();
  return rows.filter((row) =>
    opens(`${row.account_id}: the second factor`, () =>
      cipher.unwrap(row, secondFactorOwner(row.account_id)),
    ),
  ).length;
}
