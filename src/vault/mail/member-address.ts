/**
 * Where members read their mail. The address of a membership is the one that it was approved for; who joined may have
 * moved their account to another since, and the old one may be somebody else's.
 */
import type { Kysely } from 'kysely';
import type { Database, MemberTable } from '../store/schema.ts';

type Joined = Pick<MemberTable, 'email' | 'account_id'>;

/** Of one member: the address of the account, or, for who has not joined, that of the membership. */
export async function mailAddressOf(
  db: Kysely<Database>,
  { email, account_id: id }: Joined,
): Promise<string> {
  if (id === null) return email;
  const account = await db.selectFrom('accounts').select('email').where('id', '=', id).executeTakeFirst();
  return account?.email ?? email;
}

/** Of the members of a vault that joined, by the id of their accounts. */
export async function mailAddresses(
  db: Kysely<Database>,
  vaultId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .select(['accounts.id', 'accounts.email'])
    .where('members.vault_id', '=', vaultId)
    .execute();
  return new Map(rows.map(({ id, email }) => [id, email]));
}
