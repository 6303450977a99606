/** What replicas over one PostgreSQL tell each other: in which vault, or about which account, something moved. */
import { type Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './schema.ts';
import type { Replicas } from './store-interface.ts';

const CHANNEL = 'seneschal_moved';
/** How long until a lost connection is tried again, and everybody looks for themselves meanwhile; milliseconds. */
const AGAIN = 1_000;

export class PostgresReplicas implements Replicas {
  readonly #config: pg.ClientConfig;
  readonly #writer: Kysely<Database>;
  #heard: (id: string | null) => void = () => {};
  #client: pg.Client | null = null;
  #again: NodeJS.Timeout | undefined;
  #reconnecting: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** `writer` carries what is announced outside a transaction. */
  constructor(config: pg.ClientConfig, writer: Kysely<Database>) {
    // A connection that listens is idle by its nature, and its statements are none.
    this.#config = config;
    this.#writer = writer;
  }

  /** Rejects where the database does not answer; lost later, the connection is made anew until `close`. */
  async start(): Promise<void> {
    const client = new pg.Client(this.#config);
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.#heard(payload ?? null));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    client.once('end', () => this.#startAgain());
    this.#client = client;
  }

  listen(heard: (id: string | null) => void): void {
    this.#heard = heard;
  }

  /** NOTIFY is part of the transaction: it goes out with the commit, and never for what was rolled back. */
  async announce(id: string, db: Transaction<Database> | Kysely<Database> = this.#writer): Promise<void> {
    await sql`select pg_notify(${CHANNEL}, ${id})`.execute(db);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    await this.#reconnecting;
    await this.#client?.end();
  }

  #startAgain(): void {
    this.#client = null;
    if (this.#isClosed) return;
    this.#again = setTimeout(() => {
      // What was announced meanwhile went unheard.
      this.#reconnecting = this.start()
        .catch(() => this.#startAgain())
        .finally(() => this.#heard(null));
    }, AGAIN);
    this.#again.unref();
  }
}
