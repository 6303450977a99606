/** A proof of who a person is, and that nothing it rests on changed before it is used. */
import type { Transaction } from 'kysely';
import { DomainError } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';
import type { ProvenBy } from '../store/tables/sign-in-tables.ts';
import type { Account } from './accounts.ts';

/** An account as it was when something about it was looked at. */
export interface Seen {
  readonly account: Account;
  /** Count of its credentials from before they were looked at. */
  readonly credentials: number;
}

export interface Proof extends Seen {
  readonly by: ProvenBy;
}

/**
 * Keeps the account's credentials as they are until the transaction ends. Throws DomainError `CredentialsChanged`
 * where they changed since the proof was begun: a password that was right then, or a second factor that was not
 * asked for then, proves nothing now.
 */
export async function holdCredentials(db: Transaction<Database>, seen: Seen): Promise<void> {
  // Setting it to what it is locks the row, on either database.
  await setCount(db, seen, seen.credentials);
}

/** Proofs that are under way count no more. Throws as `holdCredentials` does. */
export async function changeCredentials(db: Transaction<Database>, seen: Seen): Promise<void> {
  await setCount(db, seen, seen.credentials + 1);
}

async function setCount(
  db: Transaction<Database>,
  { account, credentials }: Seen,
  to: number,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('accounts')
    .set({ credentials: to })
    .where('id', '=', account.id)
    .where('credentials', '=', credentials)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 1n) return;
  throw new DomainError({
    code: 'CredentialsChanged',
    status: 409,
    detail: 'What this account signs in by changed at this moment.',
    next: 'Prove who you are anew, and send the request again.',
  });
}
