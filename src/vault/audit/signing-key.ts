/** The key that signs the audit heads of a vault (A3): made once, its private half wrapped by the root key. */
import { createPrivateKey } from 'node:crypto';
import { type KeyPair, newKeyPair, publicKeyOf } from '#identity/key-pair.ts';
import type { VaultContext } from '../act/context.ts';
import { sealed } from '../common/domain-error.ts';
import { SealedError, type SecretCipher } from '../crypto/secret-cipher.ts';
import type { AuditKeyTable } from '../store/schema.ts';

/** Whose the wrapped key is: it opens for no other vault, and never in place of a project's. */
export function auditKeyOwner(vaultId: string): string {
  return `audit key:${vaultId}`;
}

/** A new key as it is stored. Throws SealedError. */
export function newAuditKey(cipher: SecretCipher, vaultId: string, now: number): AuditKeyTable {
  const { privateKey, publicKey } = newKeyPair();
  const bytes = privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    vault_id: vaultId,
    public_key: publicKey.text,
    ...cipher.wrap(bytes, auditKeyOwner(vaultId)),
    created_at: now,
  };
}

/** The pair of a stored key. Throws SealedError; throws Error where the row was changed. */
export function openAuditKey(cipher: SecretCipher, row: AuditKeyTable): KeyPair {
  const bytes = cipher.unwrap(row, auditKeyOwner(row.vault_id));
  const privateKey = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  const publicKey = publicKeyOf(privateKey);
  if (publicKey.text !== row.public_key) throw new Error('the public half is not that of the private one');
  return { privateKey, publicKey };
}

/** The key of a vault; made where there is none yet. Throws DomainError `Sealed`, `VaultNotFound`. */
export async function auditKeyOf(context: VaultContext, vaultId: string): Promise<KeyPair> {
  if (context.cipher.isSealed) throw sealed('The audit head cannot be signed without the root key.');
  const row =
    (await context.reader
      .selectFrom('audit_keys')
      .selectAll()
      .where('vault_id', '=', vaultId)
      .executeTakeFirst()) ?? (await makeAuditKey(context, vaultId));
  try {
    return openAuditKey(context.cipher, row);
  } catch (error) {
    throw error instanceof SealedError ? sealed(error.message) : error;
  }
}

/** For vaults from before there were such keys, and those made while the server was sealed. */
export async function makeMissingAuditKeys(context: VaultContext): Promise<void> {
  if (context.cipher.isSealed) return;
  const without = await context.reader
    .selectFrom('vaults')
    .leftJoin('audit_keys', 'audit_keys.vault_id', 'vaults.id')
    .select('vaults.id')
    .where('audit_keys.vault_id', 'is', null)
    .execute();
  for (const { id } of without) await makeAuditKey(context, id);
}

async function makeAuditKey(context: VaultContext, vaultId: string): Promise<AuditKeyTable> {
  return context.act(vaultId, { type: 'system' }, async (act) => {
    const there = await act.db
      .selectFrom('audit_keys')
      .selectAll()
      .where('vault_id', '=', vaultId)
      .executeTakeFirst();
    if (there !== undefined) return there;
    const made = newAuditKey(act.cipher, vaultId, act.now);
    await act.db.insertInto('audit_keys').values(made).execute();
    await act.auditOnly(
      {
        action: 'audit.key-made',
        subject: { kind: 'Vault', key: vaultId },
        details: { auditKey: made.public_key },
      },
      'none',
    );
    return made;
  });
}
