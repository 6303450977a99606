import type { Kysely, Transaction } from 'kysely';
import type { Database, VaultTable } from './schema.ts';

/** The database of a vault server (V6). */
export interface Store {
  /** Sees the last commit and never waits for a writer; a transaction of it sees one commit throughout. */
  readonly reader: Kysely<Database>;
  /** The same for who reads for long: whoever uses `reader` need not wait for them. */
  readonly longReader: Kysely<Database>;
  /**
   * What `work` throws rolls it back. Where two transactions run into each other it may be called again, so it
   * changes nothing but the database.
   */
  transaction<T>(work: (db: Transaction<Database>) => Promise<T>): Promise<T>;
  /**
   * The same with the row of a vault locked first, so that all of one vault happens one after the other, in every
   * replica. Undefined: there is no such vault.
   */
  transactionIn<T>(
    vaultId: string,
    work: (db: Transaction<Database>, vault: VaultTable | undefined) => Promise<T>,
  ): Promise<T>;
  /** Null where no other process answers for the database. */
  readonly replicas: Replicas | null;
  close(): Promise<void>;
}

/** The other processes that answer for the same database. */
export interface Replicas {
  /** Tells them that something moved in a vault or about an account; within a transaction, once it has committed. */
  announce(id: string, db?: Transaction<Database>): Promise<void>;
  /** Calls back with the id of what moved; null: anything may have, for a word of it may have been missed. */
  listen(heard: (id: string | null) => void): void;
}
