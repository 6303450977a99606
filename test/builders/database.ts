/** An empty database for a test: a SQLite file, or one on the PostgreSQL that the suite started. */
import { join } from 'node:path';
import pg from 'pg';

export interface TestDatabase {
  /** What `database` of the server's configuration says. */
  readonly name: string;
  drop(): Promise<void>;
}

/** The tests of the project `vault-postgres` get PostgreSQL, all others a file in the folder. */
export async function newDatabase(folder: string): Promise<TestDatabase> {
  if (process.env.SENESCHAL_TEST_DATABASE !== 'postgres') {
    return { name: join(folder, 'vault.db'), drop: async () => {} };
  }
  const name = `t_${crypto.randomUUID().replaceAll('-', '')}`;
  await onServer(`create database ${name}`);
  return {
    name: urlOf(name),
    drop: () => onServer(`drop database ${name} with (force)`),
  };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  return `${process.env.SENESCHAL_TEST_POSTGRES_URL}/${database}`;
}
