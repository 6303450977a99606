/**
 * Kysely over `node:sqlite`. Kysely's own SqliteDialect expects the interface of better-sqlite3 and begins
 * transactions DEFERRED, which under WAL fails with SQLITE_BUSY when a reader turns writer after another
 * process wrote; ours begins IMMEDIATE and keeps compiled statements.
 */
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { checkStorable } from './storable.ts';

/** One connection, used by one transaction or statement at a time, first come first served. */
export class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync;
  readonly #begin: string;

  constructor(database: DatabaseSync, use: 'write' | 'read') {
    this.#database = database;
    this.#begin = use === 'write' ? 'begin immediate' : 'begin';
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#database, this.#begin);
  }
  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }
  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

class NodeSqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #begin: CompiledQuery;
  readonly #connection: NodeSqliteConnection;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(database: DatabaseSync, begin: string) {
    this.#database = database;
    this.#begin = CompiledQuery.raw(begin);
    this.#connection = new NodeSqliteConnection(database);
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(this.#connection);
    }
    const { promise, resolve } = Promise.withResolvers<DatabaseConnection>();
    this.#waiting.push(() => resolve(this.#connection));
    return promise;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(this.#begin);
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }
  async destroy(): Promise<void> {
    this.#database.close();
  }
}

/** Compiling a statement costs more than running it; queries come in few shapes. */
const KEPT_STATEMENTS = 500;

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, { statement: StatementSync; reads: boolean }>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return Promise.resolve(this.#run<Row>(query));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** By a statement of its own: another run of a kept one would begin it anew. */
  async *streamQuery<Row>(query: CompiledQuery, chunkSize = 100): AsyncIterableIterator<QueryResult<Row>> {
    checkStorable(query.parameters);
    const statement = this.#database.prepare(query.sql);
    let rows: Row[] = [];
    for (const row of statement.iterate(...(query.parameters as readonly SQLInputValue[]))) {
      rows.push(row as Row);
      if (rows.length < chunkSize) continue;
      yield { rows };
      rows = [];
    }
    if (rows.length > 0) yield { rows };
  }

  #run<Row>(query: CompiledQuery): QueryResult<Row> {
    const { statement, reads } = this.#prepared(query.sql);
    checkStorable(query.parameters);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (reads) return { rows: statement.all(...parameters) as Row[] };
    const { changes } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  #prepared(sql: string): { statement: StatementSync; reads: boolean } {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, reads: statement.columns().length > 0 };
    if (this.#statements.size >= KEPT_STATEMENTS) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
