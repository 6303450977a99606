import type { Act } from '../act/context.ts';
import type { MemberTable } from '../store/schema.ts';

/** The one owner of a vault (O3). */
export function ownerOf({ db, vault }: Pick<Act, 'db' | 'vault'>): Promise<MemberTable> {
  return db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('role', '=', 'Owner')
    .executeTakeFirstOrThrow();
}
