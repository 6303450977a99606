/**
 * PostgreSQL, for several replicas over one database (docs/decisions/0011-postgresql.md). Acts run READ COMMITTED
 * behind the lock of their vault's row: what a statement reads after it was written before it.
 *
 * Decides V6: PostgreSQL, for several replicas.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { migrate } from './migrate.ts';
import { PostgresReplicas } from './postgres-replicas.ts';
import type { Database } from './schema.ts';
import { checkStorable } from './storable.ts';
import type { Store } from './store-interface.ts';

/** Connections of a replica: so many to write, as many to read, and one to listen. */
const CONNECTIONS = 10;
/** How often a transaction is tried at most. */
const TRIES = 6;
/** Any number that other programs in the database do not take. */
const MIGRATION_LOCK = 7_365_110;

const WRITES = 'set session characteristics as transaction isolation level read committed';
const READS = 'set session characteristics as transaction isolation level repeatable read, read only';

/** Opens the database of a URL. Rejects where it does not answer, or keeps texts in another encoding than UTF-8. */
export async function openPostgres(url: string, now: number): Promise<Store> {
  const config = configOf(url);
  const writer = connect(config, WRITES);
  const reader = connect(config, READS);
  const replicas = new PostgresReplicas(config, writer);
  const close = async (): Promise<void> => {
    await replicas.close();
    await reader.destroy();
    await writer.destroy();
  };
  try {
    await checkEncoding(writer);
    await migrate(writer, now, {
      lock: async (db) => {
        await sql`set local statement_timeout = 0`.execute(db);
        await sql`set local lock_timeout = 0`.execute(db);
        await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(db);
      },
      // Texts are ordered by their bytes, as SQLite does and whatever the locale of the database.
      adapted: (statement) =>
        statement.replace(/\btext\b/g, 'text collate "C"').replace(/\) without rowid$/, ')'),
    });
    await replicas.start();
  } catch (error) {
    await close();
    throw error;
  }
  const transaction: Store['transaction'] = (work) => retried(() => writer.transaction().execute(work));
  const turns = new Turns();
  return {
    reader,
    // Out of the same pool, in which there are others.
    longReader: reader,
    transaction,
    transactionIn: (vaultId, work) =>
      // Whoever waits for the row in this process waits without a connection.
      turns.take(vaultId, () => transaction(async (db) => work(db, await lockedVault(db, vaultId)))),
    replicas,
    close,
  };
}

/** Connections that only look. */
export function postgresReader(url: string): Kysely<Database> {
  return connect(configOf(url), READS);
}

function configOf(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'seneschal',
    types: { getTypeParser },
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
    // A replica that hangs in the middle of an act must not keep the others out of the vault.
    idle_in_transaction_session_timeout: 10_000,
    lock_timeout: 10_000,
    statement_timeout: 30_000,
  };
}

function lockedVault(db: Transaction<Database>, vaultId: string) {
  // NO KEY, so that a session or a nonce that refers to the vault need not wait.
  return db.selectFrom('vaults').selectAll().where('id', '=', vaultId).forNoKeyUpdate().executeTakeFirst();
}

function connect(config: pg.ClientConfig, setting: string): Kysely<Database> {
  const pool = new pg.Pool({ ...config, max: CONNECTIONS });
  // An idle connection that breaks is replaced; unheard, its error would end the process.
  pool.on('error', () => undefined);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparedPool(pool, setting) }) });
}

/**
 * The pool, a setting made on each new connection, and parameters looked at before they are sent. Kysely's own hook
 * for new connections keeps one for ever that breaks in it.
 */
function preparedPool(pool: pg.Pool, setting: string): PostgresPool {
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const checked = (client: pg.PoolClient): PostgresPoolClient => {
    const query = (text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> => {
      checkStorable(parameters);
      return client.query(text, [...parameters]);
    };
    // The other way to call it is with a cursor, which nothing here does.
    return { query: query as never, release: () => client.release() };
  };
  return {
    connect: async () => {
      const client = await pool.connect();
      const before = known.get(client);
      if (before !== undefined) return before;
      try {
        await client.query(setting);
      } catch (error) {
        client.release(true);
        throw error;
      }
      const prepared = checked(client);
      known.set(client, prepared);
      return prepared;
    },
    end: () => pool.end(),
  };
}

/** Numbers of 64 bits and sums of them come as text; ours are milliseconds and counters, which a double holds. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC) return Number;
  return pg.types.getTypeParser(oid, format as 'text');
}

async function checkEncoding(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(db);
  const encoding = rows[0]?.server_encoding;
  if (encoding !== 'UTF8') throw new Error(`the encoding of the database is ${encoding}, and must be UTF8`);
}

/** Serialization failures and deadlocks: the database undid the transaction so that another could go on. */
const TRY_AGAIN: ReadonlySet<unknown> = new Set(['40001', '40P01']);

async function retried<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      const isTransient = error instanceof pg.DatabaseError && TRY_AGAIN.has(error.code);
      if (!isTransient || tries === TRIES) throw error;
      // Of different length, or the same two meet again.
      await pause(Math.random() * 10 * 2 ** tries);
    }
  }
}

/** One after the other under each name, in the order in which they came. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const ended = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(name) === ended) this.#last.delete(name);
      });
    this.#last.set(name, ended);
    return turn;
  }
}
