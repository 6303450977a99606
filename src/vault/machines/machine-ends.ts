/** The end of machines that were made for a time (V1: what time changes is a revision too). */
import type { VaultContext } from '../act/context.ts';

/** How long a machine past its end is still shown, in milliseconds: as long as the trash. */
const SHOWN = 30 * 24 * 60 * 60 * 1000;

/**
 * Disables the machines that are past their end, and forgets those that were for 30 days. That an ended machine
 * gets nothing does not wait for this: each request looks at the clock.
 */
export async function endMachines(context: VaultContext): Promise<void> {
  const now = context.clock.now();
  const due = await context.reader
    .selectFrom('machines')
    .select(['id', 'vault_id', 'name', 'expires_at'])
    .where('expires_at', '<=', now)
    .where(({ or, eb }) => or([eb('enabled', '=', 1), eb('expires_at', '<=', now - SHOWN)]))
    .execute();
  for (const vaultId of new Set(due.map(({ vault_id }) => vault_id))) {
    await context.act(vaultId, { type: 'system' }, async (act) => {
      for (const { id, vault_id, name, expires_at } of due) {
        if (vault_id !== vaultId || expires_at === null) continue;
        const isForgotten = expires_at <= now - SHOWN;
        const { changed } = isForgotten
          ? await changes(act.db.deleteFrom('machines').where('id', '=', id).executeTakeFirst())
          : await changes(
              act.db
                .updateTable('machines')
                .set({ enabled: 0, disabled_at: expires_at })
                .where('id', '=', id)
                .where('enabled', '=', 1)
                .executeTakeFirst(),
            );
        // Revoked or disabled by a person between the look and the lock.
        if (!changed) continue;
        await act.audit({
          action: isForgotten ? 'machine.forgotten' : 'machine.ended',
          subject: { kind: 'MachineBinding', key: name },
          details: { id, expiresAt: expires_at },
        });
      }
    });
  }
}

async function changes(
  running: Promise<{ readonly numDeletedRows: bigint } | { readonly numUpdatedRows: bigint }>,
): Promise<{ readonly changed: boolean }> {
  const result = await running;
  return { changed: ('numDeletedRows' in result ? result.numDeletedRows : result.numUpdatedRows) > 0n };
}
