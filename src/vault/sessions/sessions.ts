/**
 * Sessions of people: a bearer token that is stored hashed (V5) and bound to one vault at a time.
 *
 * Decides V5: that a session is found by the hash of its token.
 */
import type { Kysely, Transaction } from 'kysely';
import { hasEnded } from '#model/ends.ts';
import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { newToken, tokenHash } from '../common/token.ts';
import { isActiveAt } from '../store/active-members.ts';
import type { Database } from '../store/schema.ts';
import type { ProvenBy } from '../store/tables/sign-in-tables.ts';
import { type Account, accountOf } from './accounts.ts';
import { noteEvent } from './events.ts';
import { holdCredentials, type Proof } from './proof.ts';

/** Twelve hours, in milliseconds: a working day. */
const SESSION_LIFE = 12 * 60 * 60 * 1000;
/** How coarse the last use of a session is known, in milliseconds. */
const SEEN_EVERY = 5 * 60 * 1000;

export interface Session {
  readonly id: string;
  readonly account: Account;
  /** Count of the account's credentials as the session was read; what it may do, it may as long as that stands. */
  readonly credentials: number;
  readonly vaultId: string | null;
  readonly expiresAt: number;
  /**
   * When the person last proved who they are; signing in does. 0 where that was by the password alone and the account
   * has a second factor since.
   */
  readonly provenAt: number;
  /** How they did. */
  readonly provenBy: ProvenBy;
  readonly tokenHash: string;
}

/** Where a request comes from, as far as a person can tell it by. */
export interface Origin {
  readonly source: string;
  readonly userAgent: string;
}

/**
 * Opens a session for who proved themselves. The token is answered once and kept nowhere.
 * Throws DomainError `NotAMember` where the account may not choose the vault, and `CredentialsChanged`.
 */
export async function openSession(
  context: Pick<VaultContext, 'bookkeep' | 'bookkeepIn' | 'clock' | 'ids'>,
  proof: Proof,
  vaultId: string | null,
  { source, userAgent }: Origin,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const token = newToken('ses');
  const now = context.clock.now();
  const expiresAt = now + SESSION_LIFE;
  const { account, by } = proof;
  const open = async (db: Transaction<Database>): Promise<void> => {
    if (vaultId !== null) await checkChoice(db, account.id, vaultId, now);
    await holdCredentials(db, proof);
    await db
      .insertInto('sessions')
      .values({
        token_hash: tokenHash(token),
        account_id: account.id,
        vault_id: vaultId,
        created_at: now,
        expires_at: expiresAt,
        proven_at: now,
        proven_by: by,
        id: context.ids.make('sid'),
        last_seen_at: now,
        source,
        user_agent: userAgent,
      })
      .execute();
    if (vaultId !== null) await noteSeen(db, account.id, vaultId, now);
    await noteEvent(db, context, account.id, { action: 'session.opened', source, about: by });
  };
  // Behind the lock: a suspension in the same moment cuts this session too (M1).
  await (vaultId === null ? context.bookkeep(open) : context.bookkeepIn(vaultId, open));
  return { token, expiresAt };
}

/** The session of a token; null where there is none, or it or the membership of its vault is over (M5). Notes that it was used, every five minutes. */
export async function sessionOf(
  context: Pick<VaultContext, 'reader' | 'bookkeep' | 'clock'>,
  token: string,
): Promise<Session | null> {
  return sessionBy(context, tokenHash(token));
}

/** For a request that stays open: its session as it is by now; null where it is over. */
export function sessionAgain(
  context: Pick<VaultContext, 'reader' | 'bookkeep' | 'clock'>,
  { tokenHash }: Session,
): Promise<Session | null> {
  return sessionBy(context, tokenHash);
}

async function sessionBy(
  context: Pick<VaultContext, 'reader' | 'bookkeep' | 'clock'>,
  hash: string,
): Promise<Session | null> {
  const now = context.clock.now();
  const row = await context.reader
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .leftJoin('second_factors', 'second_factors.account_id', 'sessions.account_id')
    .leftJoin('members', (join) =>
      join
        .onRef('members.vault_id', '=', 'sessions.vault_id')
        .onRef('members.account_id', '=', 'sessions.account_id'),
    )
    .select([
      'members.ends_at',
      'sessions.id as session_id',
      'sessions.token_hash',
      'sessions.vault_id',
      'sessions.expires_at',
      'sessions.proven_at',
      'sessions.proven_by',
      'sessions.last_seen_at',
      'second_factors.confirmed_at',
      'accounts.id',
      'accounts.credentials',
      'accounts.email',
      'accounts.user_name',
      'accounts.email_verified_at',
    ])
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined || hasEnded(row.ends_at ?? undefined, now)) return null;
  if (now - row.last_seen_at >= SEEN_EVERY) {
    await context.bookkeep((db) =>
      db
        .updateTable('sessions')
        .set({ last_seen_at: now })
        .where('token_hash', '=', row.token_hash)
        .execute(),
    );
    const { id, vault_id: vaultId } = row;
    // By itself: an act that ends sessions takes both rows, the member first, and would wait for this one for ever.
    if (vaultId !== null) await context.bookkeep((db) => noteSeen(db, id, vaultId, now));
  }
  const lacksSecondFactor = row.proven_by === 'Password' && row.confirmed_at !== null;
  return {
    id: row.session_id,
    account: accountOf(row),
    credentials: row.credentials,
    vaultId: row.vault_id,
    expiresAt: row.expires_at,
    provenAt: lacksSecondFactor ? 0 : row.proven_at,
    provenBy: row.proven_by,
    tokenHash: row.token_hash,
  };
}

/** Binds a session to another vault. Throws DomainError `NotAMember`. */
export async function chooseVault(
  context: Pick<VaultContext, 'bookkeepIn' | 'wake' | 'clock'>,
  session: Session,
  vaultId: string,
): Promise<void> {
  await context.bookkeepIn(vaultId, async (db) => {
    await checkChoice(db, session.account.id, vaultId, context.clock.now());
    await db
      .updateTable('sessions')
      .set({ vault_id: vaultId })
      .where('token_hash', '=', session.tokenHash)
      .execute();
    await noteSeen(db, session.account.id, vaultId, context.clock.now());
  });
  context.wake(session.account.id);
}

/** Kept with the member too: sessions end, and then nobody would know. */
async function noteSeen(
  db: Transaction<Database>,
  accountId: string,
  vaultId: string,
  now: number,
): Promise<void> {
  await db
    .updateTable('members')
    .set({ last_seen_at: now })
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', accountId)
    .execute();
}

/**
 * The person of the session has just proved who they are. Throws DomainError `NotYourProof` where that was somebody
 * else, and `CredentialsChanged`.
 */
export async function noteProof(
  context: Pick<VaultContext, 'bookkeep' | 'clock'>,
  session: Session,
  proof: Proof,
): Promise<void> {
  if (proof.account.id !== session.account.id) {
    throw new DomainError({
      code: 'NotYourProof',
      status: 403,
      detail: 'What was proven is another account than that of this session.',
      next: 'Prove who you are with the password or a passkey of the account that is signed in.',
    });
  }
  await context.bookkeep(async (db) => {
    await holdCredentials(db, proof);
    await db
      .updateTable('sessions')
      .set({ proven_at: context.clock.now(), proven_by: proof.by })
      .where('token_hash', '=', session.tokenHash)
      .execute();
  });
}

/** A code of the second factor was proven in the session beside what was before. */
export async function noteSecondFactor(db: Transaction<Database>, session: Session): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ proven_by: 'SecondFactor' })
    .where('token_hash', '=', session.tokenHash)
    .where('proven_by', '=', 'Password')
    .execute();
}

export async function closeSession(
  context: Pick<VaultContext, 'bookkeepOf'>,
  session: Session,
): Promise<void> {
  await context.bookkeepOf(session.account.id, (db) =>
    db.deleteFrom('sessions').where('token_hash', '=', session.tokenHash).execute(),
  );
}

/** Only an active member may choose a vault; the refusal is the same where there is no such vault. */
async function checkChoice(
  db: Kysely<Database>,
  accountId: string,
  vaultId: string,
  now: number,
): Promise<void> {
  const member = await db
    .selectFrom('members')
    .select('id')
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', accountId)
    .where(isActiveAt(now))
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
