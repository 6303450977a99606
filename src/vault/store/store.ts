/**
 * Opens the database of a vault server, whichever it is (V6).
 *
 * Decides V6: which database it is.
 */
import type { Kysely } from 'kysely';
import { checkNewest } from './migrate.ts';
import type { Database } from './schema.ts';
import type { Store } from './store-interface.ts';

/** Whether a database is named by the URL of a PostgreSQL server, and not by the path of a file. */
export function isPostgresUrl(database: string): boolean {
  return /^postgres(ql)?:\/\//.test(database);
}

/**
 * Opens the database and brings it to the newest migration: a SQLite file, made where there is none, or
 * PostgreSQL by URL. Rejects where it cannot be opened.
 */
export async function openStore(database: string, now: number): Promise<Store> {
  if (!isPostgresUrl(database)) return (await import('./sqlite-store.ts')).openSqlite(database, now);
  return (await import('./postgres-store.ts')).openPostgres(database, now);
}

/**
 * The database as it stands, for one who only looks: nothing is made, migrated or written, and a server may be
 * at work in it. Throws where it is not there, or is of another migration than this program's.
 */
export async function openForReading(database: string): Promise<Kysely<Database>> {
  const reader = isPostgresUrl(database)
    ? (await import('./postgres-store.ts')).postgresReader(database)
    : (await import('./sqlite-store.ts')).sqliteReader(database);
  try {
    await checkNewest(reader);
  } catch (error) {
    await reader.destroy();
    throw error;
  }
  return reader;
}
