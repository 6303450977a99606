/** No faster than every 10 s, counted per (machine, source address) since pods of one binding share an identity. */
import type { Kysely } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import type { Database } from '../store/schema.ts';

const FLOOR = 10_000;
/** What a timer and a network may take off an interval of exactly ten seconds. */
const JITTER = 500;

interface Floor {
  /** Whether a poll may be answered now (milliseconds since the epoch); only one that may counts. */
  admits(machineId: string, source: string, now: number): Promise<boolean> | boolean;
  /** Takes back the poll that was admitted last. */
  withdraw(machineId: string, source: string): Promise<void> | void;
}

/** Replicas count together, in the database. */
export function pollFloorOf(context: Pick<VaultContext, 'bookkeep' | 'hasReplicas'>): Floor {
  return context.hasReplicas ? new SharedPollFloor(context) : new PollFloor();
}

export class PollFloor implements Floor {
  readonly #last = new Map<string, number>();

  admits(machineId: string, source: string, now: number): boolean {
    const pair = `${machineId} ${source}`;
    const last = this.#last.get(pair);
    if (last !== undefined && now - last < FLOOR - JITTER) return false;
    this.#last.delete(pair);
    this.#last.set(pair, now);
    this.#forget(now);
    return true;
  }

  withdraw(machineId: string, source: string): void {
    this.#last.delete(`${machineId} ${source}`);
  }

  /** Insertion order is time order, so what is stale stands in front. */
  #forget(now: number): void {
    for (const [pair, last] of this.#last) {
      if (now - last < FLOOR) return;
      this.#last.delete(pair);
    }
  }
}

class SharedPollFloor implements Floor {
  readonly #context: Pick<VaultContext, 'bookkeep'>;

  constructor(context: Pick<VaultContext, 'bookkeep'>) {
    this.#context = context;
  }

  async admits(machineId: string, source: string, now: number): Promise<boolean> {
    const admitted = await this.#context.bookkeep((db) =>
      db
        .insertInto('poll_floors')
        .values({ machine_id: machineId, source, at: now })
        .onConflict((conflict) =>
          conflict
            .columns(['machine_id', 'source'])
            .doUpdateSet({ at: now })
            .where('poll_floors.at', '<=', now - (FLOOR - JITTER)),
        )
        .returning('at')
        .execute(),
    );
    return admitted.length > 0;
  }

  async withdraw(machineId: string, source: string): Promise<void> {
    await this.#context.bookkeep((db) =>
      db.deleteFrom('poll_floors').where('machine_id', '=', machineId).where('source', '=', source).execute(),
    );
  }
}

/** Forgets the polls that a next one need not wait for. */
export async function forgetPolls(db: Kysely<Database>, now: number): Promise<void> {
  await db
    .deleteFrom('poll_floors')
    .where('at', '<=', now - FLOOR)
    .execute();
}
