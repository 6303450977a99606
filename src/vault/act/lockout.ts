/**
 * Lock-out after repeated failed authentications, per (identity, source address), so that a forger
 * elsewhere cannot lock a machine out (V7). Where there are replicas they count together, in the database;
 * a server that is alone counts in memory: a restart forgives, which costs an attacker more than it gives.
 *
 * Decides V7: lock-out after failures, for each identity and source.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database, LockoutTable } from '../store/schema.ts';
import type { VaultContext } from './context.ts';

/** Times are milliseconds since the epoch. */
export interface Tallies {
  isLocked(identity: string, source: string, now: number): Promise<boolean> | boolean;
  failed(identity: string, source: string, now: number): Promise<void> | void;
  succeeded(identity: string, source: string): Promise<void> | void;
}

/** The tallies of one plane, which knows its identities apart from those of the others. */
export function talliesOf(
  context: Pick<VaultContext, 'reader' | 'bookkeep' | 'hasReplicas'>,
  plane: LockoutTable['plane'],
  limits: LockoutLimits = LIMITS,
): Tallies {
  return context.hasReplicas ? new SharedLockout(context, plane, limits) : new Lockout(limits);
}

interface LockoutLimits {
  /** Failures within `window` that lock. */
  readonly failures: number;
  /** Milliseconds. */
  readonly window: number;
  /** Milliseconds from the last failure that counted. */
  readonly lock: number;
  /** Pairs remembered; beyond it the oldest is forgotten, so that invented names fill no memory. */
  readonly remembered: number;
}

/** Stands for every identity, where a source is counted over all that it tries. */
export const ANYBODY = '*';

/** An office behind one address types many wrong passwords; who guesses one for each of many accounts is stopped. */
export const SOURCE_LIMITS: LockoutLimits = {
  failures: 100,
  window: 60_000,
  lock: 60_000,
  remembered: 20_000,
};

const LIMITS: LockoutLimits = { failures: 10, window: 60_000, lock: 60_000, remembered: 20_000 };

interface Tally {
  failures: number;
  /** When the window of these failures began, and when the last one came. */
  since: number;
  last: number;
}

export class Lockout implements Tallies {
  readonly #limits: LockoutLimits;
  readonly #tallies = new Map<string, Tally>();

  constructor(limits: LockoutLimits = LIMITS) {
    this.#limits = limits;
  }

  isLocked(identity: string, source: string, now: number): boolean {
    const tally = this.#tallies.get(key(identity, source));
    if (tally === undefined || tally.failures < this.#limits.failures) return false;
    return now - tally.last < this.#limits.lock;
  }

  failed(identity: string, source: string, now: number): void {
    const pair = key(identity, source);
    const tally = this.#tallies.get(pair);
    if (tally !== undefined && now - tally.since < this.#limits.window) {
      tally.failures += 1;
      tally.last = now;
      return;
    }
    this.#tallies.delete(pair);
    this.#tallies.set(pair, { failures: 1, since: now, last: now });
    if (this.#tallies.size > this.#limits.remembered) {
      const oldest = this.#tallies.keys().next();
      if (!oldest.done) this.#tallies.delete(oldest.value);
    }
  }

  succeeded(identity: string, source: string): void {
    this.#tallies.delete(key(identity, source));
  }
}

class SharedLockout implements Tallies {
  readonly #context: Pick<VaultContext, 'reader' | 'bookkeep'>;
  readonly #plane: LockoutTable['plane'];
  readonly #limits: LockoutLimits;
  /** Pairs with a tally, as far as this replica saw one: only these have something to forget. */
  readonly #seen = new Set<string>();

  constructor(
    context: Pick<VaultContext, 'reader' | 'bookkeep'>,
    plane: LockoutTable['plane'],
    limits: LockoutLimits,
  ) {
    this.#context = context;
    this.#plane = plane;
    this.#limits = limits;
  }

  async isLocked(identity: string, source: string, now: number): Promise<boolean> {
    const tally = await this.#context.reader
      .selectFrom('lockouts')
      .select(['failures', 'last'])
      .where('plane', '=', this.#plane)
      .where('identity', '=', identity)
      .where('source', '=', source)
      .executeTakeFirst();
    if (tally === undefined) this.#seen.delete(key(identity, source));
    else this.#see(key(identity, source));
    return (
      tally !== undefined && tally.failures >= this.#limits.failures && now - tally.last < this.#limits.lock
    );
  }

  async failed(identity: string, source: string, now: number): Promise<void> {
    const tally: LockoutTable = { plane: this.#plane, identity, source, failures: 1, since: now, last: now };
    const isWithin = sql<boolean>`lockouts.since > ${now - this.#limits.window}`;
    await this.#context.bookkeep((db) =>
      db
        .insertInto('lockouts')
        .values(tally)
        .onConflict((conflict) =>
          conflict.columns(['plane', 'identity', 'source']).doUpdateSet({
            failures: sql`case when ${isWithin} then lockouts.failures + 1 else 1 end`,
            since: sql`case when ${isWithin} then lockouts.since else excluded.since end`,
            last: now,
          }),
        )
        .execute(),
    );
  }

  async succeeded(identity: string, source: string): Promise<void> {
    if (!this.#seen.delete(key(identity, source))) return;
    await this.#context.bookkeep((db) =>
      db
        .deleteFrom('lockouts')
        .where('plane', '=', this.#plane)
        .where('identity', '=', identity)
        .where('source', '=', source)
        .execute(),
    );
  }

  #see(pair: string): void {
    this.#seen.add(pair);
    if (this.#seen.size <= this.#limits.remembered) return;
    const oldest = this.#seen.keys().next();
    if (!oldest.done) this.#seen.delete(oldest.value);
  }
}

/** Forgets the failures that count no more. */
export async function forgetTallies(
  db: Kysely<Database> | Transaction<Database>,
  now: number,
): Promise<void> {
  await db
    .deleteFrom('lockouts')
    .where('last', '<=', now - Math.max(LIMITS.window, LIMITS.lock))
    .execute();
}

function key(identity: string, source: string): string {
  return `${identity} ${source}`;
}
