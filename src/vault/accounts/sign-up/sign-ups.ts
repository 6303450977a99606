/**
 * How people come to an account: an address asks, a token is mailed to it, and who has the token chooses name and
 * password. Nobody has an account, or a password, under an address that they cannot read the mail of.
 */
import type { Kysely } from 'kysely';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../../act/context.ts';
import { DomainError } from '../../common/domain-error.ts';
import { newToken, tokenHash } from '../../common/token.ts';
import { requireMailServer } from '../../mail/mail-server.ts';
import { enqueueMail } from '../../mail/outbox.ts';
import { hashPassword } from '../../sessions/password.ts';
import { checkPassword } from '../../sessions/password-rules.ts';
import type { Database } from '../../store/schema.ts';
import { accountIsThere, verifyAddress } from './letters.ts';

/** How long a token is worth something, in milliseconds: a day. */
const TOKEN_LIFE = 24 * 60 * 60 * 1000;
/** Mails to one address in that time. */
const MAILS = 3;

/**
 * Mails a token to the address, or says there that it has an account, or does nothing where the address may not have
 * one. All three take the same statements, so that who asks learns nothing (I1). Throws DomainError `SignUpClosed`
 * and `NoMailServer`.
 */
export async function askForAccount(
  context: Pick<VaultContext, 'bookkeep' | 'clock' | 'outgoing'>,
  address: string,
): Promise<void> {
  checkOpen(context);
  const email = normalizeEmail(address);
  const now = context.clock.now();
  const token = newToken('ver');
  const expiresAt = now + TOKEN_LIFE;
  await context.bookkeep(async (db) => {
    const { asked } = await db
      .selectFrom('sign_ups')
      .select(({ fn }) => fn.countAll<number>().as('asked'))
      .where('email', '=', email)
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow();
    const account = await db
      .selectFrom('accounts')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirst();
    const isInvited = await hasOpenInvite(db, email, now);
    if (asked >= MAILS) return;
    await db
      .insertInto('sign_ups')
      .values({ token_hash: tokenHash(token), email, created_at: now, expires_at: expiresAt })
      .execute();
    const isWelcome = account !== undefined || isInvited || context.outgoing.signUp === 'open';
    await enqueueMail(db, {
      ...(account === undefined ? verifyAddress(token) : accountIsThere()),
      at: now,
      to: email,
      expiresAt,
      withheld: isWelcome ? null : 'NotInvited',
    });
  });
}

/**
 * Makes the account of the address that the token was mailed to, which is verified thereby. The token is used up.
 * Throws DomainError `SignUpClosed`, `NotFound`, `PasswordTooShort`, `PasswordTooLong` and `NameTaken`.
 */
export async function makeAccount(
  context: Pick<VaultContext, 'reader' | 'bookkeep' | 'clock' | 'ids' | 'outgoing'>,
  fields: { readonly token: string; readonly userName: string; readonly password: string },
): Promise<{ readonly email: string; readonly userName: string }> {
  checkOpen(context);
  const now = context.clock.now();
  const token_hash = tokenHash(fields.token);
  // Looked at first: a password is hashed for those alone who have a token.
  const known = await context.reader
    .selectFrom('sign_ups')
    .select('email')
    .where('token_hash', '=', token_hash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (known === undefined) throw unknownToken();
  checkPassword(fields.password, known.email);
  const password_hash = await hashPassword(fields.password);
  const { email } = known;
  const { userName } = fields;
  await context.bookkeep(async (db) => {
    const used = await db
      .deleteFrom('sign_ups')
      .where('token_hash', '=', token_hash)
      .returning('email')
      .executeTakeFirst();
    if (used === undefined) throw unknownToken();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('accounts')
      .values({
        ...{ id: context.ids.make('acc'), email, user_name: userName, password_hash },
        ...{ email_verified_at: now, created_at: now },
      })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) throw nameTaken();
    await db.deleteFrom('sign_ups').where('email', '=', email).execute();
  });
  return { email, userName };
}

/** Forgets tokens that are worth nothing any more. */
export async function forgetSignUps(db: Kysely<Database>, now: number): Promise<void> {
  await db.deleteFrom('sign_ups').where('expires_at', '<=', now).execute();
}

async function hasOpenInvite(db: Kysely<Database>, email: string, now: number): Promise<boolean> {
  const invite = await db
    .selectFrom('invites')
    .innerJoin('members', 'members.id', 'invites.member_id')
    .select('invites.id')
    .where('members.email', '=', email)
    .where('members.state', '=', 'Invited')
    .where('invites.expires_at', '>', now)
    .limit(1)
    .executeTakeFirst();
  return invite !== undefined;
}

function checkOpen({ outgoing }: Pick<VaultContext, 'outgoing'>): void {
  if (outgoing.signUp === 'closed') {
    throw new DomainError({
      code: 'SignUpClosed',
      status: 403,
      detail: 'Nobody signs up at this server by themselves.',
      next: 'Ask whoever runs it for an account.',
    });
  }
  requireMailServer({ outgoing });
}

function unknownToken(): DomainError {
  return new DomainError({
    code: 'NotFound',
    status: 404,
    detail: 'There is no such token: it was used, or is older than a day.',
    next: 'Ask for another with POST /api/v1/accounts.',
  });
}

function nameTaken(): DomainError {
  return new DomainError({
    code: 'NameTaken',
    status: 409,
    detail: 'There is an account of that address.',
    next: 'Sign in with it, or ask for a new password.',
  });
}
