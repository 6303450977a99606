/**
 * P3: the bytes that a vault stores in versions of secrets, counted with each of them.
 *
 * Decides P3: the quota of stored bytes.
 */
import { sql } from 'kysely';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';

/**
 * Counts bytes that come, or go where there are fewer than none. Throws `QuotaReached` where the plan has no room
 * for those that come.
 */
export async function storeBytes(act: Act, bytes: number): Promise<void> {
  const { stored_bytes: stored } = await act.db
    .updateTable('vaults')
    .set({ stored_bytes: sql<number>`stored_bytes + ${bytes}` })
    .where('id', '=', act.vault.id)
    .returning('stored_bytes')
    .executeTakeFirstOrThrow();
  const { name, caps, billingUrl } = act.tier;
  const cap = caps.storedBytes;
  if (bytes <= 0 || cap === null || stored <= cap) return;
  throw refuse(
    'QuotaReached',
    `The plan ${name} stores ${cap} bytes of secret versions: ${stored - bytes} are stored, ${bytes} more were asked for.`,
    billingUrl === ''
      ? 'Purge secrets from the trash, or move to a larger plan.'
      : `Purge secrets from the trash, or upgrade: ${billingUrl}`,
  );
}
