/**
 * The audit log as it leaves the vault: NDJSON of a header, the entries from the first, and the signed head
 * (A3). Each line is canonical JSON (RFC 8785), so that no byte can be changed unseen; `export-check.ts` reads it.
 */
import { canonicalJson } from '#model/digest.ts';
import type { VaultContext } from '../act/context.ts';
import { vaultNotFound } from '../common/vault-not-found.ts';
import { type SignedHead, signHead } from './signed-head.ts';
import { auditKeyOf } from './signing-key.ts';

export const EXPORT_FORMAT = 'seneschal audit export 1';

export interface ExportHeader {
  readonly format: typeof EXPORT_FORMAT;
  readonly vaultId: string;
  readonly epoch: string;
  /** Of the key that signs the head. */
  readonly publicKey: string;
}

export function headerLine(header: ExportHeader): string {
  return `${canonicalJson({ header })}\n`;
}

/** `entry` is the entry's canonical JSON, as the chain keeps it. */
export function entryLine({ entry, hash }: { readonly entry: string; readonly hash: string }): string {
  return `{"entry":${entry},"hash":"${hash}"}\n`;
}

export function headLine(head: SignedHead): string {
  return `${canonicalJson({ head })}\n`;
}

/** Rows at a time: others use the connection in between. */
const PAGE = 500;

/**
 * The log up to where it is now, a page of lines at a time; what is appended meanwhile is left to the next
 * export. The key is at hand before the first line. Throws DomainError `Sealed`, `VaultNotFound`.
 */
export async function exportAudit(context: VaultContext, vaultId: string): Promise<AsyncGenerator<string>> {
  const keys = await auditKeyOf(context, vaultId);
  const vault = await context.reader
    .selectFrom('vaults')
    .selectAll()
    .where('id', '=', vaultId)
    .executeTakeFirst();
  if (vault === undefined) throw vaultNotFound();
  const { epoch, audit_sequence: last, audit_hash: hash } = vault;
  const { publicKey } = keys;
  const head = signHead(keys, { vaultId, epoch, sequence: last, hash, at: context.clock.now() });

  async function* lines(): AsyncGenerator<string> {
    yield headerLine({ format: EXPORT_FORMAT, vaultId, epoch, publicKey: publicKey.text });
    for (let after = 0; after < last; ) {
      const rows = await context.reader
        .selectFrom('audit_entries')
        .select(['sequence', 'entry', 'hash'])
        .where('vault_id', '=', vaultId)
        .where('sequence', '>', after)
        .where('sequence', '<=', last)
        .orderBy('sequence')
        .limit(PAGE)
        .execute();
      if (rows.length === 0) break;
      yield rows.map(entryLine).join('');
      after = rows.at(-1)?.sequence ?? last;
    }
    yield headLine(head);
  }
  return lines();
}
