/** What time alone changes: reservations that ran out, and bookkeeping that nobody needs any more. */

import { noteEnds } from '../access/access-ends.ts';
import { forgetSignUps } from '../accounts/sign-up/sign-ups.ts';
import type { VaultContext } from '../act/context.ts';
import { forgetTallies } from '../act/lockout.ts';
import { forgetRegistrations } from '../automation/automation-bounds.ts';
import { forgetGains } from '../automation/gain-budgets.ts';
import { byText } from '../common/scope.ts';
import { forgetDeliveries } from '../integrations/deliveries.ts';
import { endMachines } from '../machines/machine-ends.ts';
import { forgetMails } from '../mail/mail-list.ts';
import { forgetFormerNames } from '../managed/former-names.ts';
import { forgetRaises } from '../managed/kept-raises.ts';
import { rekeyProjects } from '../organizations/rekeying.ts';
import { lapseTiers } from '../organizations/tier-lapses.ts';
import { purgeOverdue } from '../secrets/trash-sweep.ts';
import { forgetEvents } from '../sessions/events.ts';

/**
 * Frees reservations that are over (a revision of its own, V1), notes ends of access that have come, ends machines and
 * plans past their time, replaces
 * project keys that a rotation marked, purges what was in the trash for 30 days, and forgets nonces, kept answers,
 * sessions, mails, bootstrap tokens, challenges, mailed tokens, old events of accounts, and failures, raises and former names
 * that count no more.
 */
export async function sweep(context: VaultContext, report: (error: unknown) => void = raise): Promise<void> {
  const now = context.clock.now();
  const over = await context.reader
    .selectFrom('reservations')
    .select('vault_id')
    .distinct()
    .where('expires_at', '<=', now)
    .execute();
  for (const { vault_id: vaultId } of over) {
    await context.act(vaultId, { type: 'system' }, async (act) => {
      // Looked at again under the lock: another replica sweeps as well.
      const freed = await act.db
        .deleteFrom('reservations')
        .where('vault_id', '=', vaultId)
        .where('expires_at', '<=', now)
        .returning('id')
        .execute();
      if (freed.length === 0) return;
      const ids = freed.map(({ id }) => id).sort(byText);
      const subject = { kind: 'Organization', key: vaultId };
      await act.audit({ action: 'losses.reservation-over', subject, details: { reservations: ids } });
    });
  }
  await noteEnds(context);
  await endMachines(context);
  await lapseTiers(context);
  await rekeyProjects(context, report);
  await purgeOverdue(context);
  await context.bookkeep(async (db) => {
    await db.deleteFrom('nonces').where('expires_at', '<', now).execute();
    await db.deleteFrom('kept_answers').where('expires_at', '<', now).execute();
    await db.deleteFrom('automation_answers').where('expires_at', '<', now).execute();
    await db.deleteFrom('people_answers').where('expires_at', '<', now).execute();
    await db.deleteFrom('bootstrap_tokens').where('expires_at', '<', now).execute();
    await db.deleteFrom('sessions').where('expires_at', '<', now).execute();
    await db.deleteFrom('passkey_challenges').where('expires_at', '<', now).execute();
    await db.deleteFrom('account_tokens').where('expires_at', '<', now).execute();
    await forgetEvents(db, now);
    await forgetMails(db, now);
    await forgetDeliveries(db, now);
    await forgetSignUps(db, now);
    await forgetRegistrations(db);
    await forgetGains(db, now);
    await forgetTallies(db, now);
    await forgetRaises(db, now);
    await forgetFormerNames(db, now);
  });
}

function raise(error: unknown): never {
  throw error;
}

const EVERY = 30_000;

/** Sweeps every 30 s until the answered function is called; it resolves once no sweep is under way. */
export function startSweeping(context: VaultContext, report: (error: unknown) => void): () => Promise<void> {
  let sweeping = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweep(context, report).catch(report);
  }, EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
    return sweeping;
  };
}
