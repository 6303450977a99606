/** The sessions of one person, as they see and end them. */
import type { Kysely, Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { noteEvent } from '../sessions/events.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Database } from '../store/schema.ts';

export interface ListedSession {
  readonly id: string;
  readonly createdAt: number;
  /** To about five minutes. */
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly source: string;
  readonly userAgent: string;
  readonly vaultId: string | null;
  /** Whether it is the one that asks. */
  readonly current: boolean;
}

/** The open ones, newest first. */
export async function listSessions(
  db: Kysely<Database>,
  session: Session,
  now: number,
): Promise<ListedSession[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'created_at', 'last_seen_at', 'expires_at', 'source', 'user_agent', 'vault_id'])
    .where('account_id', '=', session.account.id)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    source: row.source,
    userAgent: row.user_agent,
    vaultId: row.vault_id,
    current: row.id === session.id,
  }));
}

/** Ends one session of the same person. Throws DomainError `NotFound`, the same for another's. */
export async function revokeSession(
  context: Pick<VaultContext, 'bookkeepOf' | 'clock' | 'ids'>,
  session: Session,
  id: string,
  source: string,
): Promise<void> {
  await context.bookkeepOf(session.account.id, async (db) => {
    const { numDeletedRows } = await db
      .deleteFrom('sessions')
      .where('account_id', '=', session.account.id)
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    if (numDeletedRows !== 1n) {
      throw new DomainError({
        code: 'NotFound',
        status: 404,
        detail: 'You have no session of that id.',
        next: 'List yours with GET /api/v1/sessions.',
      });
    }
    await noteEvent(db, context, session.account.id, { action: 'session.revoked', source, about: id });
  });
}

/** Ends all others of the same person; answers how many. */
export async function revokeOthers(
  context: Pick<VaultContext, 'bookkeepOf' | 'clock' | 'ids'>,
  session: Session,
  source: string,
): Promise<number> {
  return context.bookkeepOf(session.account.id, async (db) => {
    const ended = await endSessions(db, session.account.id, session.id);
    await noteEvent(db, context, session.account.id, {
      action: 'sessions.revoked',
      source,
      about: String(ended),
    });
    return ended;
  });
}

/** Ends the sessions of an account, but one; answers how many. */
export async function endSessions(
  db: Transaction<Database>,
  accountId: string,
  but: string | null,
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('sessions')
    .where('account_id', '=', accountId)
    .$if(but !== null, (sessions) => sessions.where('id', '!=', but ?? ''))
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
