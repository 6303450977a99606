/** What waits to leave the server, whatever it is: mails and deliveries are claimed, tried and counted alike. */
import type { VaultContext } from '../act/context.ts';
import { CLAIM } from './attempts.ts';
import type { OutgoingObserver } from './observer.ts';
import type { Stopping } from './stopping.ts';

/** The tables that have the columns of a queue, and what is said of each where it is observed. */
type Queue = 'mails' | 'deliveries';
const NAMES = { mails: 'mail', deliveries: 'webhook' } as const;

/** Rows in one look. */
export const BATCH = 40;
/** Attempts at once. */
const AT_ONCE = 4;

type Queueing = Pick<VaultContext, 'reader' | 'bookkeep' | 'clock'>;

/** Tries each of what is due once, and tells how many wait then. Rejects where the database does not answer. */
export async function tryEach<Row>(
  { reader }: Queueing,
  queue: Queue,
  due: readonly Row[],
  observer: OutgoingObserver,
  { noMore }: Stopping,
  attempt: (row: Row) => Promise<void>,
): Promise<void> {
  const next = due.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const row of next) {
        if (noMore.aborted) return;
        await attempt(row);
      }
    }),
  );
  const { count } = await reader
    .selectFrom(queue)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('next_attempt_at', 'is not', null)
    .executeTakeFirstOrThrow();
  observer.waiting(NAMES[queue], count);
}

/** Whether this process and no other tries it now. Who claimed it before and died has had its time. */
export async function isClaimed(
  { bookkeep, clock }: Queueing,
  queue: Queue,
  { id, attempts }: { readonly id: string; readonly attempts: number },
): Promise<boolean> {
  const now = clock.now();
  const { numUpdatedRows } = await bookkeep((db) =>
    db
      .updateTable(queue)
      .set({ attempts: attempts + 1, next_attempt_at: now + CLAIM })
      .where('id', '=', id)
      .where('attempts', '=', attempts)
      .where('next_attempt_at', '<=', now)
      .executeTakeFirstOrThrow(),
  );
  return numUpdatedRows === 1n;
}
