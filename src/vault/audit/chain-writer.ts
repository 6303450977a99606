import type { Transaction } from 'kysely';
import type { Actor } from '../act/actor.ts';
import { auditedActor } from '../act/actor.ts';
import type { AuditRecord } from '../act/context.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import { type AuditEntry, link } from './chain.ts';

/** An entry as it is said, before it has its place in the chain. */
export interface AppendedEntry {
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  readonly record: AuditRecord;
}

/** Appends entries to the chain of a vault whose row is locked; the caller stores the head with the row. */
export class ChainWriter {
  readonly #db: Transaction<Database>;
  readonly #vault: Pick<VaultTable, 'id' | 'epoch'>;
  #sequence: number;
  #hash: string;

  constructor(
    db: Transaction<Database>,
    vault: Pick<VaultTable, 'id' | 'epoch' | 'audit_sequence' | 'audit_hash'>,
  ) {
    this.#db = db;
    this.#vault = vault;
    this.#sequence = vault.audit_sequence;
    this.#hash = vault.audit_hash;
  }

  get sequence(): number {
    return this.#sequence;
  }
  get hash(): string {
    return this.#hash;
  }

  /** In one statement: who writes many holds the vault no longer than who writes one. */
  async append(entries: readonly AppendedEntry[]): Promise<void> {
    const rows = entries.map((entry) => this.#linked(entry));
    if (rows.length > 0) await this.#db.insertInto('audit_entries').values(rows).execute();
  }

  /** The row of an entry, which the next one follows. */
  #linked({ id, at, actor, record }: AppendedEntry) {
    const entry: AuditEntry = {
      id,
      vaultId: this.#vault.id,
      epoch: this.#vault.epoch,
      sequence: this.#sequence + 1,
      at,
      actor: auditedActor(actor),
      action: record.action,
      subject: record.subject,
      details: record.details ?? {},
      provenance: { ...record.provenance } as AuditEntry['provenance'],
    };
    const appended = link(this.#hash, entry);
    this.#sequence = entry.sequence;
    this.#hash = appended.hash;
    const { vaultId: vault_id, sequence, action } = entry;
    return { vault_id, sequence, id, at, action, ...appended };
  }
}
