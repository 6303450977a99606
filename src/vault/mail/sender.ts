/**
 * Sends what waits in the outbox. A mail is claimed by a statement that only one process wins; who dies between
 * sending it and noting that it was sent leaves it to be sent a second time, under the same Message-ID.
 */
import type { VaultContext } from '../act/context.ts';
import { isActiveAt } from '../store/active-members.ts';
import type { MailTable } from '../store/schema.ts';
import { nextAttempt } from './attempts.ts';
import type { OutgoingObserver } from './observer.ts';
import { VAULT_ADDRESS } from './outbox.ts';
import { PostError, type Postman } from './postman.ts';
import { BATCH, isClaimed, tryEach } from './queue.ts';
import type { Stopping } from './stopping.ts';

type Sending = Pick<VaultContext, 'reader' | 'bookkeep' | 'clock' | 'network'>;

/** Tries every mail that is due once. Rejects where the database does not answer. */
export async function sendDue(
  context: Sending,
  postman: Postman,
  observer: OutgoingObserver,
  stopping: Stopping,
): Promise<void> {
  const due = await dueMails(context);
  await tryEach(context, 'mails', due, observer, stopping, (mail) =>
    attempt(context, postman, observer, mail, stopping.hurry),
  );
}

function dueMails({ reader, clock }: Sending): Promise<MailTable[]> {
  return reader
    .selectFrom('mails')
    .selectAll()
    .where('next_attempt_at', '<=', clock.now())
    .orderBy('next_attempt_at')
    .limit(BATCH)
    .execute();
}

async function attempt(
  context: Sending,
  postman: Postman,
  observer: OutgoingObserver,
  mail: MailTable,
  hurry: AbortSignal,
): Promise<void> {
  const attempts = mail.attempts + 1;
  if (!(await isClaimed(context, 'mails', mail))) return;
  const withheld = await reasonToWithhold(context, mail);
  if (withheld !== null) return end(context, mail, attempts, { last_error: withheld });
  const { id, recipient: to, subject } = mail;
  const text = mail.body.replaceAll(VAULT_ADDRESS, context.network.publicUrl ?? '');
  try {
    await postman.deliver({ id, to, subject, text }, hurry);
  } catch (error) {
    if (!(error instanceof PostError)) throw error;
    const now = context.clock.now();
    const { created_at: createdAt, expires_at: expiresAt } = mail;
    const next = nextAttempt({ createdAt, expiresAt, attempts }, now);
    observer.attempt('mail', next === null ? 'given-up' : 'failed');
    const last_error = error.message;
    if (next === null) await end(context, mail, attempts, { last_error });
    else await note(context, mail, attempts, { next_attempt_at: next, last_error });
    return;
  }
  observer.attempt('mail', 'delivered');
  await end(context, mail, attempts, { sent_at: context.clock.now(), last_error: null });
}

/** Why a mail is not sent any more: it is over, or it was for members and the recipient is none now (M1, M2). */
async function reasonToWithhold(context: Sending, mail: MailTable): Promise<string | null> {
  if (mail.expires_at !== null && mail.expires_at <= context.clock.now()) return 'Expired';
  if (!FOR_MEMBERS.has(mail.kind) || mail.vault_id === null) return null;
  const member = await context.reader
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .select('members.id')
    .where('vault_id', '=', mail.vault_id)
    .where('accounts.email', '=', mail.recipient)
    .where(isActiveAt(context.clock.now()))
    .executeTakeFirst();
  return member === undefined ? 'NotAMember' : null;
}

const FOR_MEMBERS: ReadonlySet<string> = new Set(['alert']);

/** No further attempt; the body goes, because it may hold a token. */
function end(
  context: Sending,
  mail: MailTable,
  attempts: number,
  fields: { readonly sent_at?: number; readonly last_error: string | null },
): Promise<void> {
  return note(context, mail, attempts, { next_attempt_at: null, body: '', ...fields });
}

/** Only while the claim is ours, and the mail was not withdrawn meanwhile. */
async function note(
  context: Sending,
  { id }: MailTable,
  attempts: number,
  fields: Partial<Pick<MailTable, 'next_attempt_at' | 'body' | 'sent_at' | 'last_error'>>,
): Promise<void> {
  await context.bookkeep((db) =>
    db.updateTable('mails').set(fields).where('id', '=', id).where('attempts', '=', attempts).execute(),
  );
}
