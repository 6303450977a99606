/** Under which UIDs records were seen declared (design §4): bookkeeping, no revision, no audit. */
import type { SightingsRequest } from '#protocol/management.ts';
import type { VaultContext } from '../act/context.ts';
import { bookkeepWrite, type DelegatedCall } from '../automation/delegated-writes.ts';
import { checkFence, checkFreeze } from './lease.ts';

/** Marks the records of this manager; those that are gone or another's are left alone. Throws `LeaseLost`, `Frozen`. */
export async function recordSightings(
  context: VaultContext,
  by: DelegatedCall,
  { fence, sightings }: SightingsRequest,
): Promise<void> {
  const { vaultId } = by;
  await bookkeepWrite(context, by, async (db, now, actor) => {
    const { freeze } = await checkFence({ db, vault: { id: vaultId }, now }, actor, fence);
    checkFreeze(freeze, []);
    await db
      .updateTable('vaults')
      .set(({ eb }) => ({ sightings: eb('sightings', '+', 1) }))
      .where('id', '=', vaultId)
      .execute();
    for (const { kind, key, seenUnder } of sightings) {
      await db
        .updateTable('records')
        .set({ seen_under: seenUnder })
        .where('vault_id', '=', vaultId)
        .where('kind', '=', kind)
        .where('key', '=', key)
        .where('manager', '=', fence.manager)
        .execute();
    }
  });
}
