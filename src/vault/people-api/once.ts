/**
 * V1: a write that a person sends again under the same key happens once. What an act comes to is kept in the act's
 * own transaction, so that a server which is killed right after the commit still knows it; the repeat then goes
 * through the route again and is given what the act came to, instead of acting.
 *
 * Decides V1: that a write of a person happens once under its key.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { DomainError, keyReused } from '../common/domain-error.ts';
import type { Database, PeopleAnswerTable } from '../store/schema.ts';
import { holdsOneTime } from './one-time.ts';
import { checkMatch } from './preconditions.ts';

/** How long an answer is kept: 24 h, in milliseconds. */
const ANSWER_LIFE = 24 * 60 * 60 * 1000;

/** Under what a write is kept. */
export interface WriteKey {
  readonly accountId: string;
  /** The vault in the path; empty where there is none. */
  readonly vaultId: string;
  readonly keyHash: string;
  readonly requestHash: string;
}

/** A request of a person that changes something, while it is answered. */
export interface Write {
  /** The vault in the path; null where there is none. */
  readonly vaultId: string | null;
  readonly ifMatch: string | null;
  /** Null: it was sent without a key. */
  readonly key: WriteKey | null;
  /** Acts so far. */
  acts: number;
}

/** What is kept of an act: its result where that is JSON and may be shown again. */
type KeptAct = { readonly result?: unknown } | { readonly lost: true };

/** The write that the present request is. */
export const currentWrite = new AsyncLocalStorage<Write>();

/** The context for the routes of people: their acts heed `If-Match`, and happen once under a key. */
export function repeatable(context: VaultContext): VaultContext {
  return {
    ...context,
    act: (vaultId, actor, work) => {
      const write = currentWrite.getStore();
      if (write === undefined) return context.act(vaultId, actor, work);
      const ordinal = write.acts++;
      return context.act(vaultId, actor, (act) =>
        once(act.db, write.key, ordinal, act.now, () => {
          // Of the first act alone: it moves what the next one would be held against.
          if (ordinal === 0 && write.vaultId === vaultId) checkMatch(write.ifMatch, act.vault);
          return work(act);
        }),
      );
    },
  };
}

/** The same for a write that is no act of a vault that is there: making one. */
export function bookkeepOnce<T>(
  context: Pick<VaultContext, 'bookkeep' | 'clock'>,
  work: (db: Transaction<Database>) => Promise<T>,
): Promise<T> {
  const write = currentWrite.getStore();
  if (write === undefined) return context.bookkeep(work);
  const ordinal = write.acts++;
  return context.bookkeep((db) => once(db, write.key, ordinal, context.clock.now(), () => work(db)));
}

/** What is kept under the key; undefined where nothing is. */
export async function keptWrite(
  db: Kysely<Database>,
  key: WriteKey,
  now: number,
): Promise<PeopleAnswerTable | undefined> {
  return db
    .selectFrom('people_answers')
    .selectAll()
    .where('account_id', '=', key.accountId)
    .where('vault_id', '=', key.vaultId)
    .where('key_hash', '=', key.keyHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/**
 * Keeps what was answered. One that is not to be shown again is forgotten with what its acts came to. A write that
 * changed bookkeeping alone has no act to be kept with, and is kept here.
 */
export async function keepAnswer(
  db: Transaction<Database>,
  key: WriteKey,
  answer: { readonly text: string; readonly isOneTime: boolean },
  now: number,
): Promise<void> {
  await forgetOver(db, key, now);
  if (!(await hasAccount(db, key))) return;
  const kept = { answer: answer.text, ...(answer.isOneTime ? { acts: '[]' } : {}) };
  await db
    .insertInto('people_answers')
    .values({ ...rowOf(key, now), acts: '[]', answer: answer.text })
    .onConflict((conflict) => conflict.columns(['account_id', 'vault_id', 'key_hash']).doUpdateSet(kept))
    .execute();
}

/** The repeat of a call whose answer is not to be shown again, or did not outlive the server that gave it. */
export function answeredOnce(): DomainError {
  return new DomainError({
    code: 'AnsweredOnce',
    status: 409,
    detail:
      'The request of this Idempotency-Key was done, and what it answered is shown once and kept nowhere.',
    next: 'Look at what there is now; withdraw what you have no answer of, and make another under another key.',
  });
}

async function once<T>(
  db: Transaction<Database>,
  key: WriteKey | null,
  ordinal: number,
  now: number,
  work: () => Promise<T>,
): Promise<T> {
  if (key === null) return work();
  await forgetOver(db, key, now);
  const row = await keptWrite(db, key, now);
  if (row !== undefined && row.request_hash !== key.requestHash) throw keyReused();
  const acts = row === undefined ? [] : (JSON.parse(row.acts) as KeptAct[]);
  const kept = acts[ordinal];
  if (kept !== undefined) {
    if ('lost' in kept) throw answeredOnce();
    return kept.result as T;
  }
  // Answered in the meantime by the request that came at the same time.
  if (row?.answer != null) throw inUse();
  const result = await work();
  const next = JSON.stringify([...acts, keptAct(result)]);
  if (row !== undefined) await changeActs(db, key, next);
  else if (await hasAccount(db, key)) await insert(db, { ...rowOf(key, now), acts: next });
  return result;
}

/** Who deleted their account has nobody left to ask again, and no row that theirs could refer to. */
async function hasAccount(db: Transaction<Database>, { accountId }: WriteKey): Promise<boolean> {
  const row = await db.selectFrom('accounts').select('id').where('id', '=', accountId).executeTakeFirst();
  return row !== undefined;
}

/** A result that JSON does not bring back as it was, or that is shown once, is not kept. */
function keptAct(result: unknown): KeptAct {
  if (result === undefined) return {};
  const text = JSON.stringify(result);
  const isWhole = text !== undefined && isDeepStrictEqual(JSON.parse(text), result);
  return isWhole && !holdsOneTime(result) ? { result } : { lost: true };
}

function rowOf(key: WriteKey, now: number): PeopleAnswerTable {
  return {
    account_id: key.accountId,
    vault_id: key.vaultId,
    key_hash: key.keyHash,
    request_hash: key.requestHash,
    acts: '[]',
    answer: null,
    expires_at: now + ANSWER_LIFE,
  };
}

async function insert(db: Transaction<Database>, row: PeopleAnswerTable): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('people_answers')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw inUse();
}

async function changeActs(db: Transaction<Database>, key: WriteKey, acts: string): Promise<void> {
  await db
    .updateTable('people_answers')
    .set({ acts })
    .where('account_id', '=', key.accountId)
    .where('vault_id', '=', key.vaultId)
    .where('key_hash', '=', key.keyHash)
    .execute();
}

async function forgetOver(db: Transaction<Database>, key: WriteKey, now: number): Promise<void> {
  await db
    .deleteFrom('people_answers')
    .where('account_id', '=', key.accountId)
    .where('vault_id', '=', key.vaultId)
    .where('key_hash', '=', key.keyHash)
    .where('expires_at', '<=', now)
    .execute();
}

function inUse(): DomainError {
  return new DomainError({
    code: 'IdempotencyKeyInUse',
    status: 409,
    detail: 'The same request is under way.',
    next: 'Send it again in a second for its answer.',
    retryAfter: 1,
  });
}
