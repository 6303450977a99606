/** The memberships of an account, whatever address they were approved for. */
import type { Kysely } from 'kysely';
import type { Database, MemberTable } from '../store/schema.ts';

/** Ids of the vaults that the account is a member of, suspended ones included. */
export async function vaultsOf(db: Kysely<Database>, accountId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('members')
    .select('vault_id')
    .where('account_id', '=', accountId)
    .execute();
  return rows.map(({ vault_id }) => vault_id);
}

export function membershipOf(
  db: Kysely<Database>,
  vaultId: string,
  accountId: string,
): Promise<MemberTable | undefined> {
  return db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
}
