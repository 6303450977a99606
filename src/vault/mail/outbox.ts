/** Mail on its way out: a row written in the transaction that it tells of, so that neither is without the other. */
import type { Transaction } from 'kysely';
import type { Database } from '../store/schema.ts';
import { newToken } from '../token.ts';

export interface NewMail {
  /** Milliseconds since the epoch: the moment of the act. */
  readonly at: number;
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** Constant that says what the mail is about: `invite`, `invite-accepted`. */
  readonly kind: string;
  /** The vault that it speaks for; null: an account's own. */
  readonly vaultId?: string | null;
}

/** Writes the mail into the outbox of the caller's transaction; it is sent after the commit. */
export async function enqueueMail(db: Transaction<Database>, mail: NewMail): Promise<void> {
  await db
    .insertInto('mails')
    .values({
      id: newToken('mail'),
      vault_id: mail.vaultId ?? null,
      kind: mail.kind,
      recipient: mail.to,
      subject: mail.subject,
      body: mail.text,
      created_at: mail.at,
      attempts: 0,
      next_attempt_at: mail.at,
      sent_at: null,
      last_error: null,
    })
    .execute();
}
