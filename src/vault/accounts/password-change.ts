/** Another password: by the person who is signed in, or by who reads the mail of the account. */
import type { Transaction } from 'kysely';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { enqueueMail, VAULT_ADDRESS } from '../mail/outbox.ts';
import { accountOf } from '../sessions/accounts.ts';
import { noteEvent } from '../sessions/events.ts';
import { hashPassword } from '../sessions/password.ts';
import { checkPassword } from '../sessions/password-rules.ts';
import { changeCredentials, type Seen } from '../sessions/proof.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Database } from '../store/schema.ts';
import { notify } from './account-notices.ts';
import {
  accountToken,
  dropAccountTokens,
  newAccountToken,
  TOKEN_LIFE,
  tokenNotFound,
  useAccountToken,
} from './account-tokens.ts';
import { endSessions } from './session-list.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';

type Context = Pick<VaultContext, 'reader' | 'bookkeep' | 'bookkeepOf' | 'clock' | 'ids'>;

/** Mails to one account in the time that a token lives. */
const RESETS_AN_HOUR = 3;

/** Ends the other sessions. Throws DomainError as `checkPassword` does, and `CredentialsChanged`. */
export async function changePassword(
  context: Context,
  session: Session,
  password: string,
  source: string,
): Promise<void> {
  const { id, account } = session;
  checkPassword(password, account.email);
  const password_hash = await hashPassword(password);
  await context.bookkeepOf(account.id, async (db) => {
    await setPassword(db, session, password_hash);
    await dropAccountTokens(db, account.id);
    await endSessions(db, account.id, id);
    await noteEvent(db, context, account.id, { action: 'password.changed', source });
    await notify(db, account.email, 'password-changed', context.clock.now());
  });
}

/**
 * Mails a token to the address, where it has an account, three times an hour at most. What is not mailed takes the same
 * statements, so that who asks learns nothing (I1).
 */
export async function askForReset(context: Context, address: string, source: string): Promise<void> {
  const email = normalizeEmail(address);
  const at = context.clock.now();
  await context.bookkeep(async (db) => {
    const account = await db
      .selectFrom('accounts')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirst();
    const { mailed } = await db
      .selectFrom('mails')
      .select(({ fn }) => fn.countAll<number>().as('mailed'))
      .where('recipient', '=', email)
      .where('created_at', '>', at - TOKEN_LIFE)
      .where('kind', '=', 'password-reset')
      .where((mail) => mail.or([mail('attempts', '>', 0), mail('next_attempt_at', 'is not', null)]))
      .executeTakeFirstOrThrow();
    const withheld = account === undefined ? 'NoAccount' : mailed < RESETS_AN_HOUR ? null : 'TooManyMails';
    // An empty id is nobody's.
    const accountId = withheld === null ? (account?.id ?? '') : '';
    const token = await newAccountToken(db, { accountId, purpose: 'password-reset', email }, at);
    await enqueueMail(db, { at, to: email, expiresAt: at + TOKEN_LIFE, ...resetLetter(token), withheld });
    await noteEvent(db, context, accountId, { action: 'password.reset-asked', source });
  });
}

function resetLetter(token: string): { kind: string; subject: string; text: string } {
  return {
    kind: 'password-reset',
    subject: 'A new password for your account',
    text: [
      `Somebody, hopefully you, forgot the password of your account of ${VAULT_ADDRESS}. This token takes another`,
      'one, once, within an hour (POST /api/v1/password-resets/confirm); a second factor is asked for as ever.',
      '',
      `    ${token}`,
      '',
      'If it was not you, do nothing: the password stays as it is.',
    ].join('\n'),
  };
}

/**
 * Sets the password of the account that the token was mailed to, and ends all its sessions. The token stands for the
 * password alone. Throws DomainError `TokenNotFound`, those of a password, and as `PasswordCheck.proveSecondFactor`.
 */
export async function resetPassword(
  context: Context,
  passwords: PasswordCheck,
  given: { readonly token: string; readonly newPassword: string; readonly code?: string | undefined },
  source: string,
): Promise<void> {
  const now = context.clock.now();
  const token = await accountToken(context.reader, given.token, 'password-reset', now);
  const row = await context.reader
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', token.account_id)
    .where('email', '=', token.email)
    .executeTakeFirst();
  if (row === undefined) throw tokenNotFound();
  const account = accountOf(row);
  checkPassword(given.newPassword, account.email);
  await passwords.proveSecondFactor(account, given.code, source);
  const password_hash = await hashPassword(given.newPassword);
  await context.bookkeepOf(account.id, async (db) => {
    await useAccountToken(db, token);
    await setPassword(db, { account, credentials: row.credentials }, password_hash);
    await endSessions(db, account.id, null);
    await noteEvent(db, context, account.id, { action: 'password.reset', source });
    await notify(db, account.email, 'password-changed', now);
  });
}

async function setPassword(db: Transaction<Database>, seen: Seen, password_hash: string): Promise<void> {
  await changeCredentials(db, seen);
  await db.updateTable('accounts').set({ password_hash }).where('id', '=', seen.account.id).execute();
}
