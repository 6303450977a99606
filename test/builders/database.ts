/** An empty database for a test: a SQLite file, or one on the PostgreSQL that the suite started. */
import { join } from 'node:path';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

export interface TestDatabase {
  /** What `database` of the server's configuration says. */
  readonly name: string;
  drop(): Promise<void>;
  /** What somebody with the database does, past the server; each `?` is a parameter. */
  edit(statement: string, ...parameters: (string | number)[]): Promise<void>;
}

/** The tests of the project `vault-postgres` get PostgreSQL, all others a file in the folder. */
export async function newDatabase(folder: string): Promise<TestDatabase> {
  if (process.env.SENESCHAL_TEST_DATABASE !== 'postgres') {
    const file = join(folder, 'vault.db');
    return { name: file, drop: async () => {}, edit: async (...edit) => editFile(file, ...edit) };
  }
  const name = `t_${crypto.randomUUID().replaceAll('-', '')}`;
  await inDatabase('postgres', `create database ${name}`);
  return {
    name: urlOf(name),
    drop: () => inDatabase('postgres', `drop database ${name} with (force)`),
    edit: (statement, ...parameters) => inDatabase(name, statement, parameters),
  };
}

function editFile(file: string, statement: string, ...parameters: (string | number)[]): void {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.prepare(statement).run(...parameters);
  database.close();
}

async function inDatabase(name: string, statement: string, parameters: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(name) });
  await client.connect();
  try {
    let count = 0;
    const numbered = statement.replaceAll('?', () => `$${++count}`);
    await client.query(numbered, parameters);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  return `${process.env.SENESCHAL_TEST_POSTGRES_URL}/${database}`;
}
