// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql, type Transaction } from 'kysely';
import { MIGRATIONS } from './migrations.ts';
import type { Database } from './schema.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';

/** The database of a vault server (V6). */
export interface Store {
  /** Sees the last commit; never waits for the writer (WAL). */
  readonly reader: Kysely<Database>;
  /** One transaction at a time; what `work` throws rolls it back. */
  transaction<T>(work: (db: Transaction<Database>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens the database file, making it where there is none, and brings it to the newest migration.
 * WAL with synchronous=NORMAL: a commit survives the death of the process (docs/decisions/0004-vault-store.md).
 */
export async function openStore(path: string, now: number): Promise<Store> {
  const writer = new Kysely<Database>({ dialect: new NodeSqliteDialect(connect(path), 'write') });
  try {
    await migrate(writer, now);
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const readOnly = connect(path);
  readOnly.exec('pragma query_only = on');
  const reader = new Kysely<Database>({ dialect: new NodeSqliteDialect(readOnly, 'read') });
  return {
    reader,
    transaction: (work) => writer.transaction().execute(work),
    close: async () => {
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/**
 * The database as it stands, for one who only looks: nothing is made, migrated or written, and a server may be
 * at work in it. Throws where there is no file, or one of another migration than this program's.
 */
export async function openForReading(path: string): Promise<Kysely<Database>> {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, readOnly: true });
  const reader = new Kysely<Database>({ dialect: new NodeSqliteDialect(database, 'read') });
  try {
    const at = await newestMigration(reader);
    if (at !== LAST_MIGRATION) throw new MigrationError(at);
  } catch (error) {
    await reader.destroy();
    throw error;
  }
  return reader;
}

/** The database is of another version of the program. */
class MigrationError extends Error {
  constructor(at: number) {
    super(`the database is at migration ${at}, and this program is at ${LAST_MIGRATION}`);
    this.name = 'MigrationError';
  }
}

const BUSY_TIMEOUT = 5000;
const LAST_MIGRATION = MIGRATIONS.at(-1)?.number ?? 0;

async function newestMigration(db: Kysely<Database>): Promise<number> {
  const newest = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirst();
  return newest?.number ?? 0;
}

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = normal');
  database.exec('pragma foreign_keys = on');
  // Checkpoints are where this mode syncs: fewer of them, each writing a page once that many acts touched.
  database.exec('pragma wal_autocheckpoint = 8000');
  database.exec('pragma cache_size = -16000');
  return database;
}

async function migrate(db: Kysely<Database>, now: number): Promise<void> {
  await sql`create table if not exists migrations (
    number integer primary key, name text not null, applied_at bigint not null)`.execute(db);
  const at = await newestMigration(db);
  if (at > LAST_MIGRATION) throw new MigrationError(at);
  for (const { number, name, statements } of MIGRATIONS) {
    if (number <= at) continue;
    await db.transaction().execute(async (transaction) => {
      for (const statement of statements) await sql.raw(statement).execute(transaction);
      await transaction.insertInto('migrations').values({ number, name, applied_at: now }).execute();
    });
  }
}
