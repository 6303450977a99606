/** What somebody with the database makes of an audit log, past the server. */
import { type AuditEntry, chained, genesis, link } from '#vault/audit/chain.ts';
import type { KeptHead } from '#vault/audit/export-check.ts';
import type { AuditTable } from '#vault/store/schema.ts';
import type { TestVault } from './vault.ts';

export type AuditRow = Readonly<AuditTable>;

export function auditRows(vault: TestVault): Promise<AuditRow[]> {
  return vault.context.reader.selectFrom('audit_entries').selectAll().orderBy('sequence').execute();
}

export function headOf(vault: TestVault, rows: readonly AuditRow[]): KeptHead {
  const last = rows.at(-1);
  return { sequence: last?.sequence ?? 0, hash: last?.hash ?? genesis(vault.vaultId) };
}

/** The chain as if this had been its entry from the start. */
export function rewrittenFrom(rows: readonly AuditRow[], from: number, entry: AuditEntry): AuditRow[] {
  let hash = from === 0 ? genesis(entry.vaultId) : (rows[from - 1]?.hash ?? '');
  return rows.map((row, index) => {
    if (index < from) return row;
    const made = index === from ? link(hash, entry) : { ...row, hash: chained(hash, row.digest) };
    hash = made.hash;
    return { ...row, ...made };
  });
}

/** Puts these entries in place of what is there, with a head that fits them. */
export async function putAudit(vault: TestVault, rows: readonly AuditRow[]): Promise<void> {
  const { database } = vault;
  await database.edit('delete from audit_entries');
  for (const { vault_id, sequence, id, at, action, entry, digest, hash } of rows) {
    await database.edit(
      'insert into audit_entries (vault_id, sequence, id, at, action, entry, digest, hash) values (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[vault_id, sequence, id, at, action, entry, digest, hash],
    );
  }
  const { sequence, hash } = headOf(vault, rows);
  await database.edit('update vaults set audit_sequence = ?, audit_hash = ?', sequence, hash);
}
