/** The picker after sign-in: the vaults that a person is in. */
import type { Kysely } from 'kysely';
import type { Account } from '../sessions/accounts.ts';
import { type ShownState, shownState } from '../store/active-members.ts';
import type { Database, MemberTable } from '../store/schema.ts';

export interface MyVault {
  readonly vaultId: string;
  readonly displayName: string;
  readonly role: MemberTable['role'];
  /** A suspended member and one who has ended see that they are, and can choose the vault no more (M1, M5). */
  readonly state: Exclude<ShownState, 'Invited'>;
}

/** Sorted by displayed name. */
export async function myVaults(
  db: Kysely<Database>,
  { id }: Pick<Account, 'id'>,
  now: number,
): Promise<MyVault[]> {
  const rows = await db
    .selectFrom('members')
    .innerJoin('vaults', 'vaults.id', 'members.vault_id')
    .select(['vaults.id', 'vaults.display_name', 'members.role', 'members.state', 'members.ends_at'])
    .where('members.account_id', '=', id)
    .where('members.state', '!=', 'Invited')
    .orderBy('vaults.display_name')
    .orderBy('vaults.id')
    .execute();
  return rows.map((row) => {
    const state = shownState(row, now);
    return {
      vaultId: row.id,
      displayName: row.display_name,
      role: row.role,
      state: state === 'Invited' ? 'Suspended' : state,
    };
  });
}
