/** Whether a vault's database is whole: the file, the references in it, the audit chains, and all that is encrypted. */
import { type Kysely, SqliteAdapter, sql, type Transaction } from 'kysely';
import { type AuditEntry, type ChainVerdict, genesis, verifyChain } from '../audit/chain.ts';
import { openAuditKey } from '../audit/signing-key.ts';
import { SealedError, type SecretCipher } from '../crypto/secret-cipher.ts';
import { openWebhookSecret } from '../integrations/webhook-secret.ts';
import type { AuditTable, Database, VaultTable } from '../store/schema.ts';
import { examineSecondFactors } from './second-factor-keys.ts';

export interface Findings {
  /** What is wrong, for people; empty: all is whole. No value, no key. */
  readonly faults: readonly string[];
  readonly heads: readonly {
    readonly vaultId: string;
    readonly epoch: string;
    readonly sequence: number;
    readonly hash: string;
  }[];
  /** Keys that were opened with the root key, and values that were opened with those. */
  readonly keys: number;
  readonly values: number;
}

type Note = (fault: string) => void;

/**
 * Looks at everything as of one moment. `cipher` null: what is encrypted is left alone. Throws what the
 * database throws where it cannot be read at all.
 */
export async function examine(db: Kysely<Database>, cipher: SecretCipher | null): Promise<Findings> {
  return db.transaction().execute(async (at) => {
    const faults: string[] = [];
    const note: Note = (fault) => faults.push(fault);
    // PostgreSQL holds to the references itself; its pages are checked by `pg_amcheck`.
    if (at.getExecutor().adapter instanceof SqliteAdapter) await examineFile(at, note);
    const vaults = await at.selectFrom('vaults').selectAll().orderBy('id').execute();
    for (const vault of vaults) {
      await examineChain(at, vault, note);
      await examineStorage(at, vault, note);
    }
    const opened = cipher === null ? { keys: 0, values: 0 } : await examineKeys(at, cipher, note);
    const heads = vaults.map(({ id, epoch, audit_sequence, audit_hash }) => ({
      vaultId: id,
      epoch,
      sequence: audit_sequence,
      hash: audit_hash,
    }));
    return { faults, heads, ...opened };
  });
}

async function examineFile(db: Transaction<Database>, note: Note): Promise<void> {
  const integrity = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
  for (const { integrity_check } of integrity.rows) if (integrity_check !== 'ok') note(integrity_check);
  const dangling = await sql<{
    table: string;
    rowid: number;
    parent: string;
  }>`pragma foreign_key_check`.execute(db);
  for (const { table, rowid, parent } of dangling.rows) {
    note(`${table}: row ${rowid} refers to a row of ${parent} that is not there`);
  }
}

const PAGE = 1000;

async function examineChain(db: Transaction<Database>, vault: VaultTable, note: Note): Promise<void> {
  const { id } = vault;
  let at: Extract<ChainVerdict, { intact: true }> = { intact: true, sequence: 0, hash: genesis(id) };
  for (;;) {
    const rows = await db
      .selectFrom('audit_entries')
      .selectAll()
      .where('vault_id', '=', id)
      .where('sequence', '>', at.sequence)
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    const verdict = verifyChain(id, rows, at);
    if (!verdict.intact) return note(`${id}: audit entry ${verdict.sequence}: ${verdict.reason}`);
    const misplaced = rows.find((row) => !isOfItsEntry(row));
    if (misplaced !== undefined) return note(`${id}: audit entry ${misplaced.sequence}: EntryChanged`);
    at = verdict;
    if (rows.length < PAGE) break;
  }
  if (at.sequence !== vault.audit_sequence || at.hash !== vault.audit_hash) {
    note(
      `${id}: the audit log ends at entry ${at.sequence}, and its head is of entry ${vault.audit_sequence}`,
    );
  }
}

/** The columns that searches go by say what the entry says. */
function isOfItsEntry(row: AuditTable): boolean {
  const { id, at, action, sequence } = JSON.parse(row.entry) as AuditEntry;
  return row.id === id && row.at === at && row.action === action && row.sequence === sequence;
}

/** P3: quotas are judged by the count that the vault keeps. */
async function examineStorage(db: Transaction<Database>, vault: VaultTable, note: Note): Promise<void> {
  const { bytes } = await db
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .select(({ fn }) => fn.sum<number | null>('secret_versions.bytes').as('bytes'))
    .where('secrets.vault_id', '=', vault.id)
    .executeTakeFirstOrThrow();
  const stored = bytes ?? 0;
  if (stored === vault.stored_bytes) return;
  note(`${vault.id}: its versions of secrets take ${stored} bytes, and it counts ${vault.stored_bytes}`);
}

async function examineKeys(
  db: Transaction<Database>,
  cipher: SecretCipher,
  note: Note,
): Promise<{ keys: number; values: number }> {
  let keys = 0;
  let values = 0;
  const opens = (what: string, open: () => unknown): boolean => {
    try {
      open();
      return true;
    } catch (error) {
      note(
        `${what}: ${error instanceof SealedError ? error.message : 'It does not open: it was changed or moved.'}`,
      );
      return false;
    }
  };
  for (const row of await db.selectFrom('audit_keys').selectAll().execute()) {
    if (opens(`${row.vault_id}: the key of the audit log`, () => openAuditKey(cipher, row))) keys += 1;
  }
  keys += await examineSecondFactors(db, cipher, opens);
  for (const row of await db.selectFrom('integrations').selectAll().execute()) {
    if (opens(`${row.id}: the secret of the webhook`, () => openWebhookSecret(cipher, row))) keys += 1;
  }
  const projects = await db.selectFrom('projects').select(['id', 'wrapped_key', 'root_key_id']).execute();
  for (const { id, wrapped_key, root_key_id } of projects) {
    if (wrapped_key === null || root_key_id === null) continue;
    const projectKey = { wrapped_key, root_key_id };
    // Without the project's key each of its values would say the same once more.
    if (!opens(`${id}: the key of the project`, () => cipher.unwrap(projectKey, id))) continue;
    keys += 1;
    const secrets = await db.selectFrom('secrets').select('id').where('project_id', '=', id).execute();
    for (const secret of secrets) {
      const versions = await db
        .selectFrom('secret_versions')
        .selectAll()
        .where('secret_id', '=', secret.id)
        .execute();
      for (const version of versions) {
        const what = `${secret.id}: version ${version.version}`;
        if (opens(what, () => cipher.decrypt(id, projectKey, secret.id, version))) values += 1;
      }
    }
  }
  return { keys, values };
}
