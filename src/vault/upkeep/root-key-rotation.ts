/**
 * Another root key for what the old one wraps (V5): keys are wrapped anew, values stay as they are.
 *
 * Decides V5: another root key.
 */

import type { Act, VaultContext } from '../act/context.ts';
import { auditKeyOwner } from '../audit/signing-key.ts';
import type { SecretCipher, WrappedKey } from '../crypto/secret-cipher.ts';
import { webhookSecretOwner } from '../integrations/webhook-secret.ts';
import { rewrapSecondFactors } from './second-factor-keys.ts';

/** Projects in one transaction: others write in between. */
const BATCH = 100;

/**
 * Wraps by the cipher's root key whatever another one wraps, a batch with its audit entry in a transaction (A2).
 * Killed between two, it is run again and goes on with what is left. A server that holds both keys reads on
 * all the time. `broken`: ids whose keys do not open, left as they are.
 */
export async function rotateRootKey(
  context: VaultContext,
): Promise<{ readonly rewrapped: number; readonly broken: readonly string[] }> {
  const broken: string[] = [];
  let rewrapped = 0;
  for (const { id } of await context.reader.selectFrom('vaults').select('id').orderBy('id').execute()) {
    for (;;) {
      const known = broken.length;
      const done = await context.act(id, { type: 'system' }, (act) => rewrapBatch(act, broken));
      rewrapped += done;
      if (done === 0 && broken.length === known) break;
    }
  }
  rewrapped += await rewrapSecondFactors(context, broken);
  return { rewrapped, broken };
}

/** How many keys are wrapped by root keys that the cipher does not hold. */
export async function keysOfOthers({ reader, cipher }: VaultContext): Promise<number> {
  const held = cipher.heldKeyIds;
  const counts = await Promise.all(
    (['projects', 'audit_keys', 'second_factors', 'integrations'] as const).map((table) =>
      reader
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('root_key_id', 'is not', null)
        .where('root_key_id', 'not in', held)
        .executeTakeFirstOrThrow(),
    ),
  );
  return counts.reduce((sum, { count }) => sum + count, 0);
}

async function rewrapBatch(act: Act, broken: string[]): Promise<number> {
  const rewrapped =
    (await rewrapProjectKeys(act, broken)) +
    (await rewrapWebhookSecrets(act, broken)) +
    (await rewrapAuditKey(act, broken));
  if (rewrapped > 0) {
    const subject = { kind: 'Vault', key: act.vault.id };
    const details = { rootKeyId: act.cipher.rootKeyId ?? '', keys: rewrapped };
    await act.auditOnly({ action: 'vault.root-key-rotated', subject, details }, 'none');
  }
  return rewrapped;
}

async function rewrapProjectKeys({ db, cipher, vault }: Act, broken: string[]): Promise<number> {
  const projects = await db
    .selectFrom('projects')
    .select(['id', 'wrapped_key', 'root_key_id'])
    .where('vault_id', '=', vault.id)
    .where('wrapped_key', 'is not', null)
    .where('root_key_id', '!=', cipher.rootKeyId ?? '')
    .$if(broken.length > 0, (rows) => rows.where('id', 'not in', broken))
    .limit(BATCH)
    .execute();
  let rewrapped = 0;
  for (const { id, wrapped_key, root_key_id } of projects) {
    if (wrapped_key === null || root_key_id === null) continue;
    const anew = rewrap(cipher, { wrapped_key, root_key_id }, id);
    if (anew === null) {
      broken.push(id);
      continue;
    }
    await db.updateTable('projects').set(anew).where('id', '=', id).execute();
    rewrapped += 1;
  }
  return rewrapped;
}

async function rewrapWebhookSecrets({ db, cipher, vault }: Act, broken: string[]): Promise<number> {
  const webhooks = await db
    .selectFrom('integrations')
    .select(['id', 'wrapped_key', 'root_key_id'])
    .where('vault_id', '=', vault.id)
    .where('root_key_id', '!=', cipher.rootKeyId ?? '')
    .$if(broken.length > 0, (rows) => rows.where('id', 'not in', broken))
    .limit(BATCH)
    .execute();
  let rewrapped = 0;
  for (const { id, ...secret } of webhooks) {
    const anew = rewrap(cipher, secret, webhookSecretOwner(id));
    if (anew === null) {
      broken.push(id);
      continue;
    }
    await db.updateTable('integrations').set(anew).where('id', '=', id).execute();
    rewrapped += 1;
  }
  return rewrapped;
}

async function rewrapAuditKey({ db, cipher, vault }: Act, broken: string[]): Promise<number> {
  const auditKey = await db
    .selectFrom('audit_keys')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('root_key_id', '!=', cipher.rootKeyId ?? '')
    .$if(broken.length > 0, (rows) => rows.where('vault_id', 'not in', broken))
    .executeTakeFirst();
  if (auditKey === undefined) return 0;
  const anew = rewrap(cipher, auditKey, auditKeyOwner(vault.id));
  if (anew === null) {
    broken.push(vault.id);
    return 0;
  }
  await db.updateTable('audit_keys').set(anew).where('vault_id', '=', vault.id).execute();
  return 1;
}

/** Null where the key does not open. */
function rewrap(cipher: SecretCipher, key: WrappedKey, owner: string): WrappedKey | null {
  try {
    const { wrapped_key, root_key_id } = cipher.rewrap(key, owner);
    return { wrapped_key, root_key_id };
  } catch {
    return null;
  }
}
