/**
 * P3: what versions of secrets take, as the owner sees it.
 *
 * Decides P3: the storage that is shown.
 */
import type { VaultContext } from '../act/context.ts';
import { tierNamed } from '../common/tiers.ts';

export interface Storage {
  readonly plan: string;
  /** Bytes of the values of all versions, those in the trash included. */
  readonly used: number;
  /** Null: none. */
  readonly cap: number | null;
  /** Bytes of `used` that a purge of the trash frees. */
  readonly inTrash: number;
  readonly versions: number;
  readonly billingUrl: string;
}

export async function storageOf(
  { reader, catalog }: Pick<VaultContext, 'reader' | 'catalog'>,
  vaultId: string,
): Promise<Storage> {
  const versions = reader
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .where('secrets.vault_id', '=', vaultId);
  const [vault, all, trashed] = await Promise.all([
    reader
      .selectFrom('vaults')
      .select(['plan', 'stored_bytes'])
      .where('id', '=', vaultId)
      .executeTakeFirstOrThrow(),
    versions.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
    versions
      .select(({ fn }) => fn.sum<number | null>('secret_versions.bytes').as('bytes'))
      .where('secrets.deleted_at', 'is not', null)
      .executeTakeFirstOrThrow(),
  ]);
  const { name, caps, billingUrl } = tierNamed(catalog, vault.plan);
  return {
    plan: name,
    used: vault.stored_bytes,
    cap: caps.storedBytes,
    inTrash: trashed.bytes ?? 0,
    versions: all.count,
    billingUrl,
  };
}
