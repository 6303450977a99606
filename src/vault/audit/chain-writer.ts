import type { Transaction } from 'kysely';
import type { Actor } from '../act/actor.ts';
import { auditedActor } from '../act/actor.ts';
import type { AuditRecord } from '../act/context.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import { type AuditEntry, link } from './chain.ts';

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

  async append(id: string, at: number, actor: Actor, record: AuditRecord): Promise<void> {
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
    await this.#db
      .insertInto('audit_entries')
      .values({
        vault_id: entry.vaultId,
        sequence: entry.sequence,
        id,
        at,
        action: entry.action,
        ...appended,
      })
      .execute();
    this.#sequence = entry.sequence;
    this.#hash = appended.hash;
  }
}
