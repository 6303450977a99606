/** Sessions of people: a bearer token that is stored hashed (V5) and bound to one vault at a time. */
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { newToken, tokenHash } from '../token.ts';
import { type Account, accountOf } from './accounts.ts';

/** Twelve hours, in milliseconds: a working day. */
const SESSION_LIFE = 12 * 60 * 60 * 1000;

export interface Session {
  readonly account: Account;
  readonly vaultId: string | null;
  readonly expiresAt: number;
  /** When the person last proved who they are; signing in does. */
  readonly provenAt: number;
  readonly tokenHash: string;
}

/**
 * Opens a session for an account. The token is answered once and kept nowhere.
 * Throws DomainError `NotAMember` where the account may not choose the vault.
 */
export async function openSession(
  context: Pick<VaultContext, 'bookkeep' | 'bookkeepIn' | 'clock'>,
  account: Account,
  vaultId: string | null,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const token = newToken('ses');
  const now = context.clock.now();
  const expiresAt = now + SESSION_LIFE;
  const open = async (db: Db): Promise<void> => {
    await db.deleteFrom('sessions').where('expires_at', '<=', now).execute();
    if (vaultId !== null) await checkChoice(db, account.id, vaultId);
    await db
      .insertInto('sessions')
      .values({
        token_hash: tokenHash(token),
        account_id: account.id,
        vault_id: vaultId,
        created_at: now,
        expires_at: expiresAt,
        proven_at: now,
      })
      .execute();
  };
  // Behind the lock: a suspension in the same moment cuts this session too (M1).
  await (vaultId === null ? context.bookkeep(open) : context.bookkeepIn(vaultId, open));
  return { token, expiresAt };
}

/** The session of a token; null where there is none or it is over. */
export async function sessionOf(
  context: Pick<VaultContext, 'reader' | 'clock'>,
  token: string,
): Promise<Session | null> {
  const row = await context.reader
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select([
      'sessions.token_hash',
      'sessions.vault_id',
      'sessions.expires_at',
      'sessions.proven_at',
      'accounts.id',
      'accounts.email',
      'accounts.user_name',
      'accounts.email_verified_at',
    ])
    .where('token_hash', '=', tokenHash(token))
    .where('expires_at', '>', context.clock.now())
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    account: accountOf(row),
    vaultId: row.vault_id,
    expiresAt: row.expires_at,
    provenAt: row.proven_at,
    tokenHash: row.token_hash,
  };
}

/** Binds a session to another vault. Throws DomainError `NotAMember`. */
export async function chooseVault(
  context: Pick<VaultContext, 'bookkeepIn'>,
  session: Session,
  vaultId: string,
): Promise<void> {
  await context.bookkeepIn(vaultId, async (db) => {
    await checkChoice(db, session.account.id, vaultId);
    await db
      .updateTable('sessions')
      .set({ vault_id: vaultId })
      .where('token_hash', '=', session.tokenHash)
      .execute();
  });
}

/** The person of the session has just proved who they are. */
export async function noteProof(
  context: Pick<VaultContext, 'bookkeep' | 'clock'>,
  session: Session,
): Promise<void> {
  await context.bookkeep((db) =>
    db
      .updateTable('sessions')
      .set({ proven_at: context.clock.now() })
      .where('token_hash', '=', session.tokenHash)
      .execute(),
  );
}

export async function closeSession(context: Pick<VaultContext, 'bookkeep'>, session: Session): Promise<void> {
  await context.bookkeep((db) =>
    db.deleteFrom('sessions').where('token_hash', '=', session.tokenHash).execute(),
  );
}

type Db = Parameters<Parameters<VaultContext['bookkeep']>[0]>[0];

/** Only an active member may choose a vault; the refusal is the same where there is no such vault. */
async function checkChoice(db: Db, accountId: string, vaultId: string): Promise<void> {
  const member = await db
    .selectFrom('members')
    .select('id')
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', accountId)
    .where('state', '=', 'Active')
    .executeTakeFirst();
  if (member === undefined) {
    throw new DomainError({
      code: 'NotAMember',
      status: 403,
      detail: 'You are not an active member of such a vault.',
      next: 'Accept its invite, or ask its owner.',
    });
  }
}
