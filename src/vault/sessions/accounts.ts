/** Accounts of people. One e-mail, one account; a membership joins an account and never makes one (I3). */
import type { Kysely } from 'kysely';
import { EMAIL_RULE, isEmail } from '#model/names.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import type { AccountTable, Database } from '../store/schema.ts';
import { hashPassword, verifyAgainstNobody, verifyPassword } from './password.ts';
import { checkPassword } from './password-rules.ts';

export interface Account {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  readonly userName: string;
  readonly emailVerified: boolean;
}

type AccountContext = Pick<VaultContext, 'bookkeep' | 'ids' | 'clock'>;

/**
 * Makes an account whose address whoever runs the server vouches for.
 * Throws DomainError `PasswordTooShort`, `PasswordTooLong`, `PasswordCommon`, `Invalid`, `NameTaken`.
 */
export async function createAccount(
  context: AccountContext,
  {
    email,
    userName,
    password,
  }: { readonly email: string; readonly userName: string; readonly password: string },
): Promise<Account> {
  checkPassword(password, normalizeEmail(email));
  return addAccount(context, { email, userName, passwordHash: await hashPassword(password) });
}

/**
 * The same for a password that is hashed already, as a PHC string of Argon2id at any cost. Throws DomainError
 * `Invalid`, `NameTaken`.
 */
export async function addAccount(
  context: AccountContext,
  fields: { readonly email: string; readonly userName: string; readonly passwordHash: string },
): Promise<Account> {
  const email = normalizeEmail(fields.email);
  if (!isEmail(email)) throw refuse('Invalid', `The address of an account ${EMAIL_RULE}.`);
  const now = context.clock.now();
  const row = {
    id: context.ids.make('acc'),
    email,
    user_name: fields.userName,
    password_hash: fields.passwordHash,
    email_verified_at: now,
    created_at: now,
  };
  await context.bookkeep(async (db) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('accounts')
      .values(row)
      .onConflict((conflict) => conflict.column('email').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) {
      throw new DomainError({
        code: 'NameTaken',
        status: 409,
        detail: 'There is an account of that address.',
        next: 'Sign in with it, or name another address.',
      });
    }
  });
  return accountOf(row);
}

/**
 * The account, if the password is its, with the count of its credentials from before that was looked at. Null tells
 * neither whether there is one nor takes less time.
 */
export async function accountByPassword(
  db: Kysely<Database>,
  email: string,
  password: string,
): Promise<{ readonly account: Account; readonly credentials: number } | null> {
  const row = await db
    .selectFrom('accounts')
    .selectAll()
    .where('email', '=', normalizeEmail(email))
    .executeTakeFirst();
  const isIts =
    row === undefined
      ? await verifyAgainstNobody(password)
      : await verifyPassword(password, row.password_hash);
  return isIts && row !== undefined ? { account: accountOf(row), credentials: row.credentials } : null;
}

/** What who has not verified their address does next. */
export const VERIFY =
  'Verify your address first, with the token that was mailed to it; or ask for another with POST /api/v1/accounts.';

/** Throws DomainError `EmailNotVerified`: nobody adds a way in to an account whose address may be another's. */
export function checkVerified(account: Account): void {
  if (account.emailVerified) return;
  throw new DomainError({
    code: 'EmailNotVerified',
    status: 403,
    detail: 'The address of the account is not verified.',
    next: VERIFY,
  });
}

export function accountOf(
  row: Pick<AccountTable, 'id' | 'email' | 'user_name' | 'email_verified_at'>,
): Account {
  return {
    id: row.id,
    email: row.email,
    userName: row.user_name,
    emailVerified: row.email_verified_at !== null,
  };
}
