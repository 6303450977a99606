/** The end of what is in the trash: 30 days after it went there, without anybody asking. */
import type { Act, VaultContext } from '../act/context.ts';
import { purge, TRASH_LIFE } from './trash.ts';

/** Things in one transaction: others write in between. */
const BATCH = 100;

/** Purges what has been in the trash for its time, each with its audit entry, by the system. */
export async function purgeOverdue(context: Pick<VaultContext, 'act' | 'clock' | 'reader'>): Promise<void> {
  const over = context.clock.now() - TRASH_LIFE;
  const vaults = await context.reader
    .selectFrom('projects')
    .select('vault_id')
    .where('deleted_at', '<=', over)
    .union(context.reader.selectFrom('secrets').select('vault_id').where('deleted_at', '<=', over))
    .execute();
  for (const { vault_id: vaultId } of vaults) {
    for (;;) {
      const purged = await context.act(vaultId, { type: 'system' }, (act) => purgeBatch(act, over));
      if (purged < BATCH) break;
    }
  }
}

/** Looked for under the lock: what a person restored meanwhile is left alone, and so is what went there anew. */
async function purgeBatch(act: Act, over: number): Promise<number> {
  const overdue = (table: 'projects' | 'secrets') =>
    act.db
      .selectFrom(table)
      .select('id')
      .where('vault_id', '=', act.vault.id)
      .where('deleted_at', '<=', over)
      .orderBy('deleted_at')
      .orderBy('id')
      .limit(BATCH)
      .execute();
  const projects = await overdue('projects');
  for (const { id } of projects) await purge(act, id, () => {});
  if (projects.length === BATCH) return BATCH;
  // Those of the projects went with them.
  const secrets = await overdue('secrets');
  for (const { id } of secrets) await purge(act, id, () => {});
  return secrets.length;
}
