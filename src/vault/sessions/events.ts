/** What happened to an account, for its person to see: no act in a vault, which its audit log tells of. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import type { Database } from '../store/schema.ts';

/** A year, in milliseconds. */
const KEPT_FOR = 365 * 24 * 60 * 60 * 1000;

export type AccountAct =
  | 'session.opened'
  | 'session.revoked'
  | 'sessions.revoked'
  | 'code.refused'
  | 'second-factor.enrolled'
  | 'second-factor.confirmed'
  | 'second-factor.removed'
  | 'recovery-codes.made'
  | 'recovery-code.used'
  | 'passkey.added'
  | 'passkey.renamed'
  | 'passkey.removed'
  | 'passkey.copied'
  | 'password.changed'
  | 'password.reset-asked'
  | 'password.reset'
  | 'email.change-asked'
  | 'email.changed';

export interface AccountEvent {
  readonly action: AccountAct;
  /** Address that the request came from. */
  readonly source: string;
  /** What it was about, never a secret. */
  readonly about?: string;
}

/** Notes it in the transaction of what it tells of; nothing where there is no such account, at the same cost. */
export async function noteEvent(
  db: Transaction<Database>,
  { ids, clock }: Pick<VaultContext, 'ids' | 'clock'>,
  accountId: string,
  { action, source, about }: AccountEvent,
): Promise<void> {
  await db
    .insertInto('account_events')
    .columns(['id', 'account_id', 'at', 'action', 'source', 'about'])
    .expression(
      db
        .selectFrom('accounts')
        .select([
          sql<string>`${ids.make('evt')}`.as('id'),
          'accounts.id as account_id',
          sql<number>`cast(${clock.now()} as bigint)`.as('at'),
          sql<string>`${action}`.as('action'),
          sql<string>`${source}`.as('source'),
          sql<string | null>`${about ?? null}`.as('about'),
        ])
        .where('accounts.id', '=', accountId),
    )
    .execute();
}

export interface ListedEvent {
  readonly id: string;
  readonly at: number;
  readonly action: string;
  readonly source: string;
  readonly about: string | null;
}

/** Newest first. `before`: those that are older than this event of the account. */
export async function listEvents(
  db: Kysely<Database>,
  accountId: string,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<ListedEvent[]> {
  const from =
    page.before === undefined
      ? undefined
      : await db
          .selectFrom('account_events')
          .select(['id', 'at'])
          .where('account_id', '=', accountId)
          .where('id', '=', page.before)
          .executeTakeFirst();
  if (page.before !== undefined && from === undefined) return [];
  return db
    .selectFrom('account_events')
    .select(['id', 'at', 'action', 'source', 'about'])
    .where('account_id', '=', accountId)
    .$if(from !== undefined, (events) =>
      events.where(({ eb, and, or }) =>
        or([
          eb('at', '<', from?.at ?? 0),
          and([eb('at', '=', from?.at ?? 0), eb('id', '<', from?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute();
}

/** Forgets what is older than a year. */
export async function forgetEvents(db: Transaction<Database>, now: number): Promise<void> {
  await db
    .deleteFrom('account_events')
    .where('at', '<=', now - KEPT_FOR)
    .execute();
}
