/** What became of mails, for those who wait for one. */
import type { Kysely } from 'kysely';
import type { Database, MailTable } from '../store/schema.ts';
import { VAULT_ADDRESS } from './outbox.ts';

export interface ListedMail {
  readonly kind: string;
  readonly recipient: string;
  readonly state: 'Waiting' | 'Sent' | 'NotSent';
  readonly attempts: number;
  /** A constant: why the last attempt failed, or why there is none. */
  readonly lastError: string | null;
  readonly createdAt: number;
  /** Null: none. */
  readonly nextAttemptAt: number | null;
  readonly sentAt: number | null;
}

/** Mails of a vault, newest first, without subject and text: they may hold a token. */
export async function mailsOfVault(
  db: Kysely<Database>,
  vaultId: string,
  limit: number,
): Promise<ListedMail[]> {
  const rows = await db
    .selectFrom('mails')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(listed);
}

export interface WholeMail extends ListedMail {
  readonly subject: string;
  readonly text: string;
}

/** The development outbox, newest first, as the mails would be sent; `to`: those to this address alone. */
export async function wholeMails(
  db: Kysely<Database>,
  to: string | null,
  limit: number,
  vaultAddress: string,
): Promise<WholeMail[]> {
  const rows = await db
    .selectFrom('mails')
    .selectAll()
    .$if(to !== null, (mails) => mails.where('recipient', '=', to ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...listed(row),
    subject: row.subject,
    text: row.body.replaceAll(VAULT_ADDRESS, vaultAddress),
  }));
}

function listed(row: MailTable): ListedMail {
  return {
    kind: row.kind,
    recipient: row.recipient,
    state: stateOf(row),
    attempts: row.attempts,
    lastError: row.last_error,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    sentAt: row.sent_at,
  };
}

function stateOf({ sent_at, next_attempt_at }: MailTable): ListedMail['state'] {
  if (sent_at !== null) return 'Sent';
  return next_attempt_at === null ? 'NotSent' : 'Waiting';
}

/** How long mails are listed that are sent or given up, in milliseconds: thirty days. */
const KEPT = 30 * 24 * 60 * 60 * 1000;

/** Forgets mails of long ago; those of the development outbox too. */
export async function forgetMails(db: Kysely<Database>, now: number): Promise<void> {
  await db
    .deleteFrom('mails')
    .where('created_at', '<', now - KEPT)
    .execute();
}
