/** Decides V6: that migrations run in order. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { MIGRATIONS } from './migrations/in-order.ts';
import type { Database } from './schema.ts';

/** What a database does otherwise than the others while it is migrated. */
export interface MigrationHabits {
  /** Keeps every other process out until the transaction ends. */
  lock(db: Transaction<Database>): Promise<void>;
  /** The statement as this database takes it. */
  adapted(statement: string): string;
}

/**
 * Brings the database to the newest migration: all that are missing in one transaction, or none. Two servers that
 * start at once do it one after the other. Throws MigrationError where the database is ahead of this program.
 */
export async function migrate(
  db: Kysely<Database>,
  now: number,
  { lock, adapted }: MigrationHabits,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lock(transaction);
    const run = (statement: string) => sql.raw(adapted(statement)).execute(transaction);
    await run(`create table if not exists migrations (
      number integer primary key, name text not null, applied_at bigint not null)`);
    const at = await newestMigration(transaction);
    if (at > LAST_MIGRATION) throw new MigrationError(at);
    for (const { number, name, statements } of MIGRATIONS) {
      if (number <= at) continue;
      for (const statement of statements) await run(statement);
      await transaction.insertInto('migrations').values({ number, name, applied_at: now }).execute();
    }
  });
}

/** Throws where the database is at another migration than this program's. */
export async function checkNewest(db: Kysely<Database>): Promise<void> {
  const at = await newestMigration(db);
  if (at !== LAST_MIGRATION) throw new MigrationError(at);
}

/** The database is of another version of the program. */
class MigrationError extends Error {
  constructor(at: number) {
    super(`the database is at migration ${at}, and this program is at ${LAST_MIGRATION}`);
    this.name = 'MigrationError';
  }
}

const LAST_MIGRATION = MIGRATIONS.at(-1)?.number ?? 0;

async function newestMigration(db: Kysely<Database>): Promise<number> {
  const newest = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirst();
  return newest?.number ?? 0;
}
