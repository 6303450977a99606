/** Mails to a person about their own account. No secret is in any but the tokens that are mailed to be used. */
import type { Transaction } from 'kysely';
import { enqueueMail } from '../mail/outbox.ts';
import type { Database } from '../store/schema.ts';

const NOT_YOU =
  'If it was not you: change your password, end the other sessions, and tell whoever runs the vault.';
/** Where the account is out of the reach of who reads this. */
const TOO_LATE = 'If it was not you: tell whoever runs the vault, at once.';

const NOTICES = {
  'second-factor-confirmed': {
    subject: 'A second factor was added to your account',
    text: 'From now on signing in with your password takes a code of your authenticator app too.',
  },
  'second-factor-removed': {
    subject: 'The second factor of your account was removed',
    text: 'From now on your password alone signs you in.',
  },
  'recovery-code-used': {
    subject: 'A recovery code of your account was used',
    text: 'Somebody signed in, or proved who they are, with one of your recovery codes. It works no second time.',
  },
  'codes-refused': {
    subject: 'Wrong codes were tried on your account',
    text: 'Somebody gave your right password and ten wrong codes in a row. Codes of your app wait for a while now.',
  },
  'passkey-added': {
    subject: 'A passkey was added to your account',
    text: 'It signs in without your password.',
  },
  'passkey-removed': {
    subject: 'A passkey of your account was removed',
    text: 'It signs in no longer.',
  },
  'passkey-copied': {
    subject: 'A passkey of your account was refused',
    text: 'It counted fewer uses than before, as a copy of it would. Remove it if you do not know why.',
  },
  'password-changed': {
    subject: 'Your password was changed',
    text: 'The other sessions of your account were ended.',
  },
  'email-change-asked': {
    subject: 'Your account is about to get another address',
    text: 'Somebody who is signed in to your account asked for it. It is done once the new address is confirmed.',
  },
  'email-changed': {
    subject: 'Your account has another address',
    text: 'You sign in with the new address from now on.',
  },
  'account-deleted': {
    subject: 'Your account was deleted',
    text: 'Your memberships have ended. What you did stays in the audit logs of the organizations.',
  },
} as const;

export type Notice = keyof typeof NOTICES;

/** Writes the notice into the outbox of the transaction that it tells of. */
export async function notify(
  db: Transaction<Database>,
  to: string,
  notice: Notice,
  at: number,
): Promise<void> {
  const { subject, text } = NOTICES[notice];
  const otherwise = notice === 'email-changed' || notice === 'account-deleted' ? TOO_LATE : NOT_YOU;
  await enqueueMail(db, { at, to, subject, text: `${text}\n\n${otherwise}\n`, kind: notice });
}
