/** A proof of who a person is, and that nothing it rests on changed before it is used. */
import type { Transaction } from 'kysely';
import { DomainError } from '../../domain/domain-error.ts';
import type { Database } from '../../store/schema.ts';
import type { ProvenBy } from '../../store/sign-in-tables.ts';
import type { Account } from '../accounts.ts';

export interface Proof {
  readonly account: Account;
  readonly by: ProvenBy;
  /** Count of the account's credentials from before they were looked at. */
  readonly credentials: number;
}

/**
 * Keeps the account's credentials as they are until the transaction ends. Throws DomainError `CredentialsChanged`
 * where they changed since the proof was begun: a password that was right then, or a second factor that was not
 * asked for then, proves nothing now.
 */
export async function holdCredentials(
  db: Transaction<Database>,
  { account, credentials }: Pick<Proof, 'account' | 'credentials'>,
): Promise<void> {
  // Setting it to what it is locks the row, on either database.
  const { numUpdatedRows } = await db
    .updateTable('accounts')
    .set({ credentials })
    .where('id', '=', account.id)
    .where('credentials', '=', credentials)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 1n) return;
  throw new DomainError({
    code: 'CredentialsChanged',
    status: 409,
    detail: 'What this account signs in by changed at this moment.',
    next: 'Sign in anew.',
  });
}

/** Proofs that are under way count no more. */
export async function changeCredentials(db: Transaction<Database>, accountId: string): Promise<void> {
  await db
    .updateTable('accounts')
    .set(({ eb }) => ({ credentials: eb('credentials', '+', 1) }))
    .where('id', '=', accountId)
    .execute();
}
