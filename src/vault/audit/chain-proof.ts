import { type AuditProof, LARGEST_PROOF } from '#protocol/management.ts';
import type { VaultContext } from '../act/context.ts';
import { vaultNotFound } from '../common/vault-not-found.ts';
import { genesis } from './chain.ts';

/**
 * The hashes that lead from the entry `after` toward the head (A3), at most LARGEST_PROOF of them, so that neither memory
 * nor other requests suffer from a long log; `hashAtAfter` is null where the chain is shorter.
 */
export async function auditProof(context: VaultContext, vaultId: string, after: number): Promise<AuditProof> {
  return context.reader.transaction().execute(async (db) => {
    const vault = await db.selectFrom('vaults').selectAll().where('id', '=', vaultId).executeTakeFirst();
    if (vault === undefined) throw vaultNotFound();
    const rows = await db
      .selectFrom('audit_entries')
      .select(['sequence', 'digest', 'hash'])
      .where('vault_id', '=', vaultId)
      .where('sequence', '>=', after)
      .orderBy('sequence')
      // That of `after` is one more.
      .limit(LARGEST_PROOF + (after === 0 ? 0 : 1))
      .execute();
    const at = after === 0 ? genesis(vaultId) : rows.find(({ sequence }) => sequence === after)?.hash;
    return {
      head: { epoch: vault.epoch, sequence: vault.audit_sequence, hash: vault.audit_hash },
      hashAtAfter: at ?? null,
      digests: rows.filter(({ sequence }) => sequence > after).map(({ digest }) => digest),
    };
  });
}
