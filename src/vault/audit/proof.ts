import type { AuditProof } from '../../protocol/management.ts';
import type { VaultContext } from '../domain/context.ts';
import { vaultNotFound } from '../domain/vault-context.ts';
import { genesis } from './chain.ts';

/** The hashes that lead from the entry `after` to the head (A3); `hashAtAfter` is null where the chain is shorter. */
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
      .execute();
    const at = after === 0 ? genesis(vaultId) : rows.find(({ sequence }) => sequence === after)?.hash;
    return {
      head: { epoch: vault.epoch, sequence: vault.audit_sequence, hash: vault.audit_hash },
      hashAtAfter: at ?? null,
      digests: rows.filter(({ sequence }) => sequence > after).map(({ digest }) => digest),
    };
  });
}
