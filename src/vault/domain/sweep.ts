/** What time alone changes: reservations that ran out, and bookkeeping that nobody needs any more. */
import type { VaultContext } from './context.ts';
import { endMachines } from './machine-ends.ts';

/**
 * Frees reservations that are over (a revision of its own, V1), ends machines past their time, and forgets nonces,
 * kept answers, sessions and bootstrap tokens.
 */
export async function sweep(context: VaultContext): Promise<void> {
  const now = context.clock.now();
  const over = await context.reader
    .selectFrom('reservations')
    .select(['id', 'vault_id'])
    .where('expires_at', '<=', now)
    .execute();
  for (const vaultId of new Set(over.map(({ vault_id }) => vault_id))) {
    await context.act(vaultId, { type: 'system' }, async (act) => {
      const ids = over.filter(({ vault_id }) => vault_id === vaultId).map(({ id }) => id);
      await act.db.deleteFrom('reservations').where('id', 'in', ids).execute();
      const subject = { kind: 'Organization', key: vaultId };
      await act.audit({ action: 'losses.reservation-over', subject, details: { reservations: ids } });
    });
  }
  await endMachines(context);
  await context.bookkeep(async (db) => {
    await db.deleteFrom('nonces').where('expires_at', '<', now).execute();
    await db.deleteFrom('kept_answers').where('expires_at', '<', now).execute();
    await db.deleteFrom('bootstrap_tokens').where('expires_at', '<', now).execute();
    await db.deleteFrom('sessions').where('expires_at', '<', now).execute();
  });
}

const EVERY = 30_000;

/** Sweeps every 30 s until the answered function is called; it resolves once no sweep is under way. */
export function startSweeping(context: VaultContext, report: (error: unknown) => void): () => Promise<void> {
  let sweeping = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweep(context).catch(report);
  }, EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
    return sweeping;
  };
}
