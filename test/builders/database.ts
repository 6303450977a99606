/** An empty database for a test: a SQLite file, or one on the PostgreSQL that the suite started. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { openStore } from '#vault/store/store.ts';

export interface TestDatabase {
  /** What `database` of the server's configuration says. */
  readonly name: string;
  drop(): Promise<void>;
  /** What somebody with the database does, past the server; each `?` is a parameter. */
  edit(statement: string, ...parameters: (string | number)[]): Promise<void>;
}

/** The tests of the project `vault-postgres` get PostgreSQL, all others a file in the folder. */
export async function newDatabase(folder: string): Promise<TestDatabase> {
  return onPostgres() ? postgresDatabase('') : fileDatabase(join(folder, 'vault.db'));
}

/** The same at the newest migration, which is run once a process and copied. */
export async function migratedDatabase(folder: string): Promise<TestDatabase> {
  if (onPostgres()) {
    template ??= migratedTemplate();
    return postgresDatabase(` template ${await template}`);
  }
  fileBytes ??= migratedFile();
  const file = join(folder, 'vault.db');
  writeFileSync(file, await fileBytes);
  return fileDatabase(file);
}

let fileBytes: Promise<Buffer> | undefined;
let template: Promise<string> | undefined;

async function migratedFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-migrated-'));
  const file = join(folder, 'vault.db');
  await (await openStore(file, Date.now())).close();
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

async function migratedTemplate(): Promise<string> {
  const name = newName();
  await inDatabase('postgres', `create database ${name}`);
  await (await openStore(urlOf(name), Date.now())).close();
  return name;
}

function onPostgres(): boolean {
  return process.env.SENESCHAL_TEST_DATABASE === 'postgres';
}

function fileDatabase(file: string): TestDatabase {
  return { name: file, drop: async () => {}, edit: async (...edit) => editFile(file, ...edit) };
}

async function postgresDatabase(template: string): Promise<TestDatabase> {
  const name = newName();
  await inDatabase('postgres', `create database ${name}${template}`);
  return {
    name: urlOf(name),
    drop: () => inDatabase('postgres', `drop database ${name} with (force)`),
    edit: (statement, ...parameters) => inDatabase(name, statement, parameters),
  };
}

function newName(): string {
  return `t_${crypto.randomUUID().replaceAll('-', '')}`;
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
