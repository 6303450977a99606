/**
 * Keys that were ended as compromised: whoever has the private half has it still, so that no machine of the vault takes
 * such a key again, from nobody.
 *
 * Decides V4: that a compromised key stays out.
 */
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';

/** Said again, it stays as it was. */
export async function keepCompromised(
  { db, vault, now }: Pick<Act, 'db' | 'vault' | 'now'>,
  fingerprint: string,
): Promise<void> {
  await db
    .insertInto('compromised_keys')
    .values({ vault_id: vault.id, fingerprint, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Throws `KeyCompromised`. */
export async function requireUncompromised(
  { db, vault }: Pick<Act, 'db' | 'vault'>,
  fingerprint: string,
): Promise<void> {
  const row = await db
    .selectFrom('compromised_keys')
    .select('at')
    .where('vault_id', '=', vault.id)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  if (row === undefined) return;
  throw refuse(
    'KeyCompromised',
    `The key ${fingerprint.slice(0, 16)} was ended as compromised at ${new Date(row.at).toISOString()}.`,
    'Make another key pair.',
  );
}
