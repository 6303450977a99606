/** Mail on its way out: a row written in the transaction that it tells of, so that neither is without the other. */
import type { Transaction } from 'kysely';
import { newToken } from '../common/token.ts';
import type { Database } from '../store/schema.ts';

/** Stands in a text for the public address of the vault, which an act of automation does not know. */
export const VAULT_ADDRESS = '{vault address}';

export interface NewMail {
  /** Milliseconds since the epoch: the moment of the act. */
  readonly at: number;
  readonly to: string;
  readonly subject: string;
  /** Plain text; `VAULT_ADDRESS` in it is replaced when it is sent. */
  readonly text: string;
  /** Constant that says what the mail is about: `invite`, `invite-accepted`. */
  readonly kind: string;
  /** The vault that it speaks for; null: an account's own. */
  readonly vaultId?: string | null;
  /** When what it tells of is over: it is not sent any more. */
  readonly expiresAt?: number;
  /** A constant that says why it is not sent but only listed, so that both cost the same. */
  readonly withheld?: string | null;
}

/** Writes the mail into the outbox of the caller's transaction; it is sent after the commit. */
export async function enqueueMail(db: Transaction<Database>, mail: NewMail): Promise<void> {
  const withheld = mail.withheld ?? null;
  await db
    .insertInto('mails')
    .values({
      id: newToken('mail'),
      vault_id: mail.vaultId ?? null,
      kind: mail.kind,
      recipient: mail.to,
      subject: mail.subject,
      body: withheld === null ? mail.text : '',
      created_at: mail.at,
      attempts: 0,
      next_attempt_at: withheld === null ? mail.at : null,
      sent_at: null,
      last_error: withheld,
      expires_at: mail.expiresAt ?? null,
    })
    .execute();
}

/** How many mails of a kind went out to an address since a moment, or wait to: not those that were only listed. */
export async function countMails(
  db: Transaction<Database>,
  {
    vaultId,
    kind,
    to,
    since,
  }: { readonly vaultId: string; readonly kind: string; readonly to: string; readonly since: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('mails')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('recipient', '=', to)
    .where('created_at', '>', since)
    .where('vault_id', '=', vaultId)
    .where('kind', '=', kind)
    .where((mail) =>
      mail.or([
        mail('attempts', '>', 0),
        mail('next_attempt_at', 'is not', null),
        mail('last_error', '=', 'Withdrawn'),
      ]),
    )
    .executeTakeFirstOrThrow();
  return count;
}

/** Mails of a kind that still wait are not sent any more: what they tell of is over. */
export async function withdrawMails(
  db: Transaction<Database>,
  { vaultId, kind, to }: { readonly vaultId: string; readonly kind: string; readonly to: string },
): Promise<void> {
  await db
    .updateTable('mails')
    .set({ next_attempt_at: null, body: '', last_error: 'Withdrawn' })
    .where('vault_id', '=', vaultId)
    .where('kind', '=', kind)
    .where('recipient', '=', to)
    .where('next_attempt_at', 'is not', null)
    .execute();
}
