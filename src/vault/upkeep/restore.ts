/**
 * A backup put in the place of the database (V6).
 *
 * Decides V6: restore.
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import { newestStep } from '../accounts/sign-in/codes.ts';
import { makeContext } from '../app/vault-context.ts';
import { alphanumeric } from '../common/ids.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import { withholdWhatWaited } from '../mail/restored.ts';
import { openForReading, openStore } from '../store/store.ts';
import type { Store } from '../store/store-interface.ts';
import { copyDatabase } from './backup.ts';
import { examine, type Findings } from './verification.ts';

export interface Restoring {
  readonly from: string;
  readonly database: string;
  readonly cipher: SecretCipher;
  /** Whether a database that holds something may be replaced; it is kept beside. */
  readonly force: boolean;
  readonly now: number;
}

export type Restored =
  /** `kept`: where the former database is now. */
  | { readonly done: true; readonly kept: string | null; readonly findings: Findings }
  | { readonly done: false; readonly reason: 'InUse' | 'NotEmpty' }
  /** The backup is broken, or the root key is not the one that it was made under. */
  | { readonly done: false; readonly reason: 'Unsound'; readonly findings: Findings };

/**
 * Makes the new database beside the old one, with a new epoch for each vault (V1), so that the operator only
 * observes until a person approves (A3), and puts it in place by renaming. Killed anywhere, the old one or the
 * new one is whole, and it can be run again. Throws where the backup cannot be read.
 */
export async function restore(restoring: Restoring): Promise<Restored> {
  const { from, database, cipher, force, now } = restoring;
  const standing = existsSync(database) ? decidedState(database) : 'Empty';
  if (standing === 'InUse') return { done: false, reason: 'InUse' };
  if (standing === 'Full' && !force) return { done: false, reason: 'NotEmpty' };
  const made = `${database}.restoring`;
  try {
    await copyDatabase(from, made);
    // Migrated first: what is examined is what will be served.
    const store = await openStore(made, now);
    const findings = await examine(store.reader, cipher).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    if (findings.faults.length > 0) {
      await store.close();
      return { done: false, reason: 'Unsound', findings };
    }
    await beginAnew(store, cipher, now).finally(() => store.close());
    const kept = standing === 'Full' ? `${database}.replaced-${now}` : null;
    for (const suffix of ['', '-wal', '-shm']) {
      const file = `${database}${suffix}`;
      // A log that stayed behind would be taken for that of the new database.
      if (kept === null) await rm(file, { force: true });
      else if (existsSync(file)) await rename(file, `${kept}${suffix}`);
    }
    await rename(made, database);
    return { done: true, kept, findings: await foundIn(database) };
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${made}${suffix}`, { force: true });
  }
}

/**
 * A server that has the database open holds a lock on it as long as it runs, and leaving WAL mode needs the
 * only one: https://sqlite.org/wal.html. What cannot be read counts as full.
 */
function decidedState(path: string): 'InUse' | 'Empty' | 'Full' {
  const database = new DatabaseSync(path);
  try {
    database.exec('pragma journal_mode = delete');
    const tables = database
      .prepare(`select name from sqlite_master where name in ('vaults', 'accounts')`)
      .all();
    const rows = tables.map(({ name }) => database.prepare(`select 1 from ${name} limit 1`).all());
    return rows.some(({ length }) => length > 0) ? 'Full' : 'Empty';
  } catch (error) {
    const SQLITE_BUSY = 5;
    return (error as { errcode?: number }).errcode === SQLITE_BUSY ? 'InUse' : 'Full';
  } finally {
    database.close();
  }
}

/**
 * What must not go on as if nothing had happened: sessions that may have been revoked since, tokens and codes that
 * may have been used since, leases whose holders are elsewhere by now, and the epoch.
 */
async function beginAnew(store: Store, cipher: SecretCipher, now: number): Promise<void> {
  const context = makeContext({ store, cipher, clock: { now: () => now } });
  const vaults = await store.reader.selectFrom('vaults').selectAll().execute();
  await context.bookkeep(async (db) => {
    await db.deleteFrom('sessions').execute();
    await db.deleteFrom('account_tokens').execute();
    await db.deleteFrom('passkey_challenges').execute();
    // Tokens may have been used up or revoked since, and approvals may have released what they were for.
    await db.deleteFrom('bootstrap_tokens').execute();
    await db
      .updateTable('enrollment_tokens')
      .set({ revoked_at: now })
      .where('revoked_at', 'is', null)
      .execute();
    await db.deleteFrom('approvals').execute();
    // Codes that were used since the backup are not known to be: none of before now is taken.
    const last_step = newestStep(now);
    await db.updateTable('second_factors').set({ last_step }).where('last_step', '<', last_step).execute();
    await withholdWhatWaited(db);
    const leases = await db.selectFrom('leases').select(['vault_id', 'fencing']).execute();
    for (const { vault_id, fencing } of leases) {
      await db
        .updateTable('leases')
        .set({
          manager: null,
          installation: null,
          expires_at: 0,
          yield_to: null,
          yield_until: 0,
          lent_by: null,
          asked_manager: null,
          asked_by: null,
          asked_at: 0,
          // Holders since the backup had numbers that it knows nothing of, less than one a second.
          fencing: Math.max(fencing, Math.floor(now / 1000)),
        })
        .where('vault_id', '=', vault_id)
        .execute();
    }
    for (const { id } of vaults) {
      await db
        .updateTable('vaults')
        .set({ epoch: alphanumeric(16) })
        .where('id', '=', id)
        .execute();
    }
  });
  for (const { id, epoch, audit_sequence, audit_hash } of vaults) {
    await context.act(id, { type: 'system' }, async (act) => {
      await act.audit({
        action: 'vault.restored',
        subject: { kind: 'Vault', key: id },
        details: { formerEpoch: epoch, sequence: audit_sequence, hash: audit_hash },
      });
    });
  }
}

async function foundIn(database: string): Promise<Findings> {
  const reader = await openForReading(database);
  return examine(reader, null).finally(() => reader.destroy());
}
