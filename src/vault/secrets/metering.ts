/** Reads counted where a policy limits them: in the transaction that the value waits for, behind the vault's lock. */
import type { Kysely } from 'kysely';
import { inChunks } from '../store/chunks.ts';
import type { Database } from '../store/schema.ts';
import { type Counters, countRead, type Policy, type PolicyRefusal } from './policy.ts';

/**
 * Counts reads of secrets, given in the order in which they came; answers for each whether it may go on (null) or
 * why not. What has no policy by now, or one that counts nothing, goes on. `db`: a transaction that holds the lock
 * of the vault's row, so that replicas count one after the other.
 */
export async function countReads(
  db: Kysely<Database>,
  secretIds: readonly string[],
  now: number,
): Promise<readonly (PolicyRefusal | null)[]> {
  const meters = new Map<string, { policy: Policy; counters: Counters; moved: boolean }>();
  for (const ids of inChunks([...new Set(secretIds)])) {
    const rows = await db.selectFrom('secret_policies').selectAll().where('secret_id', 'in', ids).execute();
    for (const { secret_id, conditions, minute, minute_reads, day, day_reads, reads } of rows) {
      const counters: Counters = { minute, minute_reads, day, day_reads, reads };
      meters.set(secret_id, { policy: JSON.parse(conditions) as Policy, counters, moved: false });
    }
  }
  const refusals = secretIds.map((id) => {
    const meter = meters.get(id);
    if (meter === undefined) return null;
    const counted = countRead(meter.policy, meter.counters, now);
    if (typeof counted === 'string') return counted;
    meter.counters = counted;
    meter.moved = true;
    return null;
  });
  for (const [id, { counters, moved }] of meters) {
    if (moved) await db.updateTable('secret_policies').set(counters).where('secret_id', '=', id).execute();
  }
  return refusals;
}
