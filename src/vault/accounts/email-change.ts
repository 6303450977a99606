/**
 * Another address of an account, once its person reads the mail there. Memberships stay under the address that they
 * were approved for (docs/decisions/0013-sign-in.md); the audit log of each vault tells of the new one.
 */
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { requireMailServer } from '../mail/mail-server.ts';
import { enqueueMail, VAULT_ADDRESS } from '../mail/outbox.ts';
import { noteEvent } from '../sessions/events.ts';
import { holdCredentials } from '../sessions/proof.ts';
import type { Session } from '../sessions/sessions.ts';
import { notify } from './account-notices.ts';
import {
  accountToken,
  dropAccountTokens,
  newAccountToken,
  tokenNotFound,
  useAccountToken,
} from './account-tokens.ts';
import { membershipOf, vaultsOf } from './memberships.ts';

type Context = Pick<VaultContext, 'reader' | 'bookkeep' | 'actInEach' | 'clock' | 'ids' | 'outgoing'>;

const HOUR = 60 * 60 * 1000;
/** Changes that an account asks for in an hour: each is a mail to an address that is not its own. */
const ASKED_AN_HOUR = 5;

/**
 * Mails a token to the new address, or tells there that it has an account already; answered alike. The old address
 * gets a notice. Throws DomainError `NoMailServer`, `SameAddress`, `TooManyChanges`, `CredentialsChanged`.
 */
export async function askForEmail(
  context: Context,
  session: Session,
  address: string,
  source: string,
): Promise<void> {
  requireMailServer(context);
  const { account } = session;
  const email = normalizeEmail(address);
  const at = context.clock.now();
  if (email === account.email) {
    throw new DomainError({
      code: 'SameAddress',
      status: 422,
      detail: 'That is the address of your account.',
      next: 'Name another address.',
    });
  }
  await context.bookkeep(async (db) => {
    await holdCredentials(db, session);
    const { asked } = await db
      .selectFrom('account_events')
      .select(({ fn }) => fn.countAll<number>().as('asked'))
      .where('account_id', '=', account.id)
      .where('action', '=', 'email.change-asked')
      .where('at', '>', at - HOUR)
      .executeTakeFirstOrThrow();
    if (asked >= ASKED_AN_HOUR) {
      throw new DomainError({
        code: 'TooManyChanges',
        status: 429,
        detail: `An account asks for another address at most ${ASKED_AN_HOUR} times an hour.`,
        next: 'Wait an hour.',
        retryAfter: HOUR / 1000,
      });
    }
    // What was asked for before, of whoever reads the mail there, counts no more.
    await dropAccountTokens(db, account.id, 'email-change');
    const other = await db.selectFrom('accounts').select('id').where('email', '=', email).executeTakeFirst();
    const letter =
      other === undefined
        ? addressLetter(
            await newAccountToken(db, { accountId: account.id, purpose: 'email-change', email }, at),
          )
        : TAKEN;
    await enqueueMail(db, { at, to: email, expiresAt: at + HOUR, ...letter });
    await notify(db, account.email, 'email-change-asked', at);
    await noteEvent(db, context, account.id, { action: 'email.change-asked', source, about: email });
  });
}

function addressLetter(token: string): { kind: string; subject: string; text: string } {
  return {
    kind: 'email-change',
    subject: 'Confirm your new address',
    text: [
      `Somebody, hopefully you, wants to move their account of ${VAULT_ADDRESS} to this address. This token confirms`,
      'it, once, within an hour, for who is signed in to that account (POST /api/v1/me/email/confirm):',
      '',
      `    ${token}`,
      '',
      'If it was not you, do nothing: nothing is changed.',
    ].join('\n'),
  };
}

const TAKEN = {
  kind: 'email-taken',
  subject: 'You have an account',
  text: 'Somebody wanted to move another account to this address, which has one. Nothing was changed.\n',
};

/**
 * The person of the session reads the mail of the new address. It takes the session and the token: who gets mail that
 * was meant for somebody else gets no account by that. Throws DomainError `TokenNotFound`, `AddressTaken`.
 */
export async function confirmEmail(
  context: Context,
  { account }: Session,
  given: string,
  source: string,
): Promise<{ readonly email: string }> {
  const now = context.clock.now();
  const token = await accountToken(context.reader, given, 'email-change', now);
  if (token.account_id !== account.id) throw tokenNotFound();
  const { email } = token;
  const { id: accountId, userName } = account;
  const actor = { type: 'account', accountId, userName, email: account.email } as const;
  return context.actInEach(
    await vaultsOf(context.reader, account.id),
    actor,
    async (act) => {
      const member = await membershipOf(act.db, act.vault.id, account.id);
      if (member === undefined) return;
      await act.auditOnly(
        {
          action: 'member.address-changed',
          subject: { kind: 'Member', key: member.email },
          details: { from: account.email, to: email },
        },
        'none',
      );
    },
    async (db) => {
      await useAccountToken(db, token);
      const other = await db
        .selectFrom('accounts')
        .select('id')
        .where('email', '=', email)
        .executeTakeFirst();
      if (other !== undefined) {
        throw new DomainError({
          code: 'AddressTaken',
          status: 409,
          detail: 'Another account has had this address since.',
          next: 'Ask for another address.',
        });
      }
      await db
        .updateTable('accounts')
        .set({ email, email_verified_at: now })
        .where('id', '=', account.id)
        .execute();
      await notify(db, account.email, 'email-changed', now);
      await noteEvent(db, context, account.id, { action: 'email.changed', source, about: email });
      return { email };
    },
  );
}
