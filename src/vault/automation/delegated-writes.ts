/**
 * V1 of automation: a write heeds `If-Match`, and happens once under its `Idempotency-Key`. A write is one act, whose
 * answer is kept in the transaction of the act itself; steps have keys of their own (`kept-answers.ts`).
 *
 * Decides V1: that a write of automation happens once, on the revision that it names.
 */
import type { Kysely, Transaction } from 'kysely';
import type { AutomationActor } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { etagOf } from '../act/etag.ts';
import { ANSWER_LIFE } from '../act/kept-answers.ts';
import { DomainError, keyReused, stale } from '../common/domain-error.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import { actDelegated, type DelegatedAct, presentActor } from './delegation.ts';

/** What a request says about how often, and on what, it is to happen. Key and request are kept as hashes. */
export interface DelegatedWrite {
  readonly ifMatch: string | null;
  readonly key: { readonly hash: string; readonly requestHash: string } | null;
}

/** What the acts of one request are done by. */
export interface DelegatedCall extends DelegatedAct {
  readonly write: DelegatedWrite;
}

/** One act. Throws DomainError `Unauthenticated`, `Forbidden`, `IdempotencyKeyReused`, `Stale`. */
export function writeDelegated<T>(
  context: Pick<VaultContext, 'act'>,
  by: DelegatedCall,
  work: (act: Act, actor: AutomationActor) => Promise<T>,
): Promise<T> {
  return actDelegated(context, by, (act, actor) =>
    once(act.db, by, act.vault, act.now, () => work(act, actor)),
  );
}

/** The same for bookkeeping under the lock of the vault, which moves neither revision nor audit (lease, sightings). */
export function bookkeepWrite<T>(
  context: Pick<VaultContext, 'bookkeepIn' | 'clock'>,
  by: DelegatedCall,
  work: (db: Transaction<Database>, now: number, actor: AutomationActor) => Promise<T>,
): Promise<T> {
  return context.bookkeepIn(by.vaultId, async (db) => {
    const now = context.clock.now();
    const actor = await presentActor(db, by, now);
    const vault = await db
      .selectFrom('vaults')
      .select(['epoch', 'revision'])
      .where('id', '=', by.vaultId)
      .executeTakeFirstOrThrow();
    return once(db, by, vault, now, () => work(db, now, actor));
  });
}

/** What was answered under the key; undefined where nothing was. Throws DomainError `IdempotencyKeyReused`. */
export async function keptWrite(
  db: Kysely<Database>,
  { actor, write: { key } }: DelegatedCall,
  now: number,
): Promise<unknown> {
  if (key === null) return undefined;
  const row = await db
    .selectFrom('automation_answers')
    .select(['request_hash', 'answer'])
    .where('automation_id', '=', actor.id)
    .where('key_hash', '=', key.hash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.request_hash !== key.requestHash) throw keyReused();
  return JSON.parse(row.answer);
}

export async function keepWrite(
  db: Transaction<Database>,
  { actor, write: { key } }: DelegatedCall,
  answer: unknown,
  now: number,
): Promise<void> {
  if (key === null) return;
  const kept = {
    request_hash: key.requestHash,
    answer: JSON.stringify(answer ?? null),
    expires_at: now + ANSWER_LIFE,
  };
  await db
    .insertInto('automation_answers')
    .values({ automation_id: actor.id, key_hash: key.hash, ...kept })
    .onConflict((conflict) => conflict.columns(['automation_id', 'key_hash']).doUpdateSet(kept))
    .execute();
}

/** Throws DomainError 412 `Stale` unless there is no `If-Match`, it is `*`, or it names the present ETag. */
export function checkIfMatch(
  { ifMatch }: DelegatedWrite,
  vault: Pick<VaultTable, 'epoch' | 'revision'>,
): void {
  if (ifMatch === null || ifMatch.trim() === '*') return;
  if (!ifMatch.split(',').some((one) => one.trim() === etagOf(vault))) throw stale();
}

/** The key is looked up before `If-Match`, so that a repeat is not held against what it changed itself. */
async function once<T>(
  db: Transaction<Database>,
  by: DelegatedCall,
  vault: Pick<VaultTable, 'epoch' | 'revision'>,
  now: number,
  work: () => Promise<T>,
): Promise<T> {
  const kept = await keptWrite(db, by, now);
  if (kept !== undefined) return kept as T;
  checkIfMatch(by.write, vault);
  const result = await work();
  // A refusal that leaves something behind is returned (lease): asked again, it may come out otherwise.
  if (!(result instanceof DomainError)) await keepWrite(db, by, result, now);
  return result;
}
