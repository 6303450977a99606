/** Decides V6: SQLite, and its WAL. */
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { PAGES_AT_MOST, startCheckpoints } from './checkpoints.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';
import type { Store } from './store-interface.ts';

/**
 * Opens the file, making it where there is none. WAL with synchronous=NORMAL: a commit survives the death of the
 * process (docs/decisions/0004-vault-store.md).
 */
export async function openSqlite(path: string, now: number): Promise<Store> {
  const writer = new Kysely<Database>({ dialect: new NodeSqliteDialect(connect(path), 'write') });
  try {
    // A transaction of the writer begins IMMEDIATE, which locks the file.
    await migrate(writer, now, { lock: async () => {}, adapted: (statement) => statement });
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const stopCheckpoints = startCheckpoints(path);
  const [read, readLong] = [readOnly(path, CACHE), readOnly(path, SMALL_CACHE)];
  const reader = readerOn(read);
  const longReader = readerOn(readLong);
  return {
    reader,
    longReader,
    transaction: (work) => writer.transaction().execute(work),
    transactionIn: (vaultId, work) =>
      writer.transaction().execute(async (db) => {
        // Nobody else writes between IMMEDIATE and the commit: reading the row is locking it.
        const vault = db.selectFrom('vaults').selectAll().where('id', '=', vaultId);
        return work(db, await vault.executeTakeFirst());
      }),
    replicas: null,
    close: async () => {
      await stopCheckpoints();
      await longReader.destroy();
      await reader.destroy();
      // Kysely closes no connection that nothing was asked of, and one that is left keeps the log of WAL from ending.
      for (const database of [readLong, read]) if (database.isOpen) database.close();
      await writer.destroy();
    },
  };
}

function readOnly(path: string, cache: number): DatabaseSync {
  const database = connect(path, cache);
  database.exec('pragma query_only = on');
  return database;
}

function readerOn(database: DatabaseSync): Kysely<Database> {
  return new Kysely<Database>({ dialect: new NodeSqliteDialect(database, 'read') });
}

/** A connection that only looks; a server may be at work in the file. Throws where there is none. */
export function sqliteReader(path: string): Kysely<Database> {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, readOnly: true });
  return new Kysely<Database>({ dialect: new NodeSqliteDialect(database, 'read') });
}

const BUSY_TIMEOUT = 5000;

/** KiB of pages that a connection keeps; beyond them lies the cache of the system. */
const CACHE = 8_000;
/** For who reads everything once. */
const SMALL_CACHE = 2_000;

function connect(path: string, cache = CACHE): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = normal');
  database.exec('pragma foreign_keys = on');
  // What is purged is overwritten, and not only unlinked.
  database.exec('pragma secure_delete = on');
  database.exec(`pragma wal_autocheckpoint = ${PAGES_AT_MOST}`);
  database.exec(`pragma cache_size = -${cache}`);
  return database;
}
