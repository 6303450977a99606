/** Tokens that are mailed to a person to change their account by: stored hashed (V5), for one use within an hour. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { DomainError } from '../common/domain-error.ts';
import { newToken, tokenHash } from '../common/token.ts';
import type { Database } from '../store/schema.ts';
import type { AccountTokenTable } from '../store/tables/sign-in-tables.ts';

/** An hour, in milliseconds. */
export const TOKEN_LIFE = 60 * 60 * 1000;

type Purpose = AccountTokenTable['purpose'];

const PREFIX: Readonly<Record<Purpose, string>> = { 'email-change': 'adr', 'password-reset': 'rst' };

/** A new one, to be mailed to the address; where there is no such account it is worth nothing, and costs as much. */
export async function newAccountToken(
  db: Transaction<Database>,
  { accountId, purpose, email }: { accountId: string; purpose: Purpose; email: string },
  now: number,
): Promise<string> {
  const token = newToken(PREFIX[purpose]);
  await db
    .insertInto('account_tokens')
    .columns(['token_hash', 'account_id', 'purpose', 'email', 'created_at', 'expires_at'])
    .expression(
      db
        .selectFrom('accounts')
        .select([
          sql<string>`${tokenHash(token)}`.as('token_hash'),
          'accounts.id as account_id',
          sql<Purpose>`${purpose}`.as('purpose'),
          sql<string>`${email}`.as('email'),
          sql<number>`cast(${now} as bigint)`.as('created_at'),
          sql<number>`cast(${now + TOKEN_LIFE} as bigint)`.as('expires_at'),
        ])
        .where('accounts.id', '=', accountId),
    )
    .execute();
  return token;
}

/** What a token is for. Throws DomainError `TokenNotFound` where there is none, or it was used or is over. */
export async function accountToken(
  db: Kysely<Database>,
  token: string,
  purpose: Purpose,
  now: number,
): Promise<AccountTokenTable> {
  const row = await db
    .selectFrom('account_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined) throw tokenNotFound();
  return row;
}

/**
 * Uses the token up, and with it all others of the account: what was asked for before counts no more.
 * Throws DomainError `TokenNotFound`.
 */
export async function useAccountToken(
  db: Transaction<Database>,
  { token_hash, account_id }: AccountTokenTable,
): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('account_tokens')
    .where('token_hash', '=', token_hash)
    .executeTakeFirstOrThrow();
  if (numDeletedRows !== 1n) throw tokenNotFound();
  await dropAccountTokens(db, account_id);
}

/** `purpose` left out: all of them. */
export async function dropAccountTokens(
  db: Transaction<Database>,
  accountId: string,
  purpose?: Purpose,
): Promise<void> {
  await db
    .deleteFrom('account_tokens')
    .where('account_id', '=', accountId)
    .$if(purpose !== undefined, (tokens) => tokens.where('purpose', '=', purpose ?? 'email-change'))
    .execute();
}

/** The same whatever is wrong with it. */
export function tokenNotFound(): DomainError {
  return new DomainError({
    code: 'TokenNotFound',
    status: 404,
    detail: 'There is no such token: it was used, it is over, or another was asked for since.',
    next: 'Ask for another.',
  });
}
