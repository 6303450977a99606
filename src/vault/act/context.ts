/**
 * What a route of the vault server has in hand. A route that changes anything calls `act`: one transaction
 * with the vault row locked first, the change, its audit entries and the revision (A2). A route that reads
 * uses `reader`, which sees the last commit and never waits for a writer. What is done in a transaction may be done
 * again where two of them ran into each other: it changes nothing outside the database.
 */
import type { Kysely, Transaction } from 'kysely';
import type { KeyUse } from '#model/key-ends.ts';
import type { Tier } from '#model/organization.ts';
import type { Json, Provenance } from '#model/record.ts';
import type { Ids } from '../common/ids.ts';
import type { TierCatalog } from '../common/tiers.ts';
import type { SecretCipher } from '../crypto/secret-cipher.ts';
import type { Network } from '../http/network.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import type { Actor, MachineActor } from './actor.ts';
import type { AuditAction } from './audit-actions.ts';
import type { OutgoingSettings } from './outgoing-settings.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What an act says about itself to the audit log (A1). */
export interface AuditRecord {
  /** Dotted constant, in lower case: `member.suspended`. */
  readonly action: AuditAction;
  /** What the act was about: kind and natural key. */
  readonly subject: { readonly kind: string; readonly key: string };
  /** Never a value, a token or a private key. */
  readonly details?: { readonly [key: string]: Json };
  readonly provenance?: Provenance;
}

/** What a machine did, in an act that answers several of them. */
export interface MachineEntry {
  readonly machine: MachineActor;
  readonly record: AuditRecord;
}

/** Last uses of machine keys, those among them that are not written yet. */
export interface KeyUses {
  used(vaultId: string, fingerprint: string, at: number, from: string): void;
  /** What is known by now of a key of which this is stored. */
  lastOf(vaultId: string, fingerprint: string, stored: KeyUse): KeyUse;
  flush(): Promise<void>;
}

/** One act under way. */
export interface Act {
  readonly db: Transaction<Database>;
  /** The row as it was locked. */
  readonly vault: Readonly<VaultTable>;
  /** An automation identity as it was delegated at this moment (V4). */
  readonly actor: Actor;
  readonly now: number;
  readonly ids: Ids;
  readonly cipher: SecretCipher;
  readonly tier: Tier;
  readonly keyUses: Pick<KeyUses, 'lastOf'>;
  /** Milliseconds in which a use of a key may be known to another process alone; 0: there is none. */
  readonly keyUseLag: number;
  /** Writes the entry into the chain; answers its id, `aud_...`. Moves the configuration revision. */
  audit(record: AuditRecord): Promise<string>;
  /**
   * The same for an act that moves no configuration: `secrets` for a new version of a secret,
   * `none` for a read.
   */
  auditOnly(record: AuditRecord, moves: 'secrets' | 'none'): Promise<string>;
  /** Entries of what machines did, each with its machine as the actor, in one block; they move nothing. */
  auditMachines(entries: readonly MachineEntry[]): Promise<void>;
  /** Says that a version of a secret was stored in an act that `audit` speaks for. */
  movesSecrets(): void;
  /** The secret revision that this act moves to; a new version is stored with it. */
  readonly nextSecretRevision: number;
}

export interface VaultContext {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly cipher: SecretCipher;
  /** The plans of this server (P4). */
  readonly catalog: TierCatalog;
  /** What stands between clients and this server (V7). */
  readonly network: Network;
  /** What may leave this server. */
  readonly outgoing: OutgoingSettings;
  /** Sees the last commit. */
  readonly reader: Kysely<Database>;
  /** The same for who reads for long: whoever uses `reader` need not wait for them. */
  readonly longReader: Kysely<Database>;
  /**
   * Runs one act. Whatever `work` throws rolls all of it back. Throws `DomainError` NotFound where the vault
   * is unknown, `Unauthenticated` where the actor is an automation identity that is over by now. Wakes the long polls
   * after the commit.
   */
  act<T>(vaultId: string, actor: Actor, work: (act: Act) => Promise<T>): Promise<T>;
  /**
   * Runs an act in each of the vaults that there are, and `last` after them, in one transaction: what a person does to
   * an account that is a member of several.
   */
  actInEach<T>(
    vaultIds: readonly string[],
    actor: Actor,
    work: (act: Act) => Promise<void>,
    last: (db: Transaction<Database>) => Promise<T>,
  ): Promise<T>;
  /** A transaction for bookkeeping outside revision and audit (leases, nonces, sessions, accounts). */
  bookkeep<T>(work: (db: Transaction<Database>) => Promise<T>): Promise<T>;
  /** The same with the vault's row locked: for what an act relies on (lease, freeze flag, who may choose the vault). */
  bookkeepIn<T>(
    vaultId: string,
    work: (db: Transaction<Database>, vault: Readonly<VaultTable> | undefined) => Promise<T>,
  ): Promise<T>;
  /** The same for what ends sessions of an account or binds them elsewhere: wakes its long polls after the commit. */
  bookkeepOf<T>(accountId: string, work: (db: Transaction<Database>) => Promise<T>): Promise<T>;
  readonly keyUses: KeyUses;
  /** Whether other processes answer for the same database: then what must hold for all of them is kept there. */
  readonly hasReplicas: boolean;
  /** Resolves when something moved in the vault or about the account, the signal aborts, or the milliseconds are over. */
  moved(id: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Wakes the long polls of a vault or an account: for changes beside the revision (lease, freeze). */
  wake(id: string): void;
}
