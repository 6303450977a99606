import type { Kysely } from 'kysely';
import type { Grant } from '../../../model/organization.ts';
import { refuse } from '../../domain/domain-error.ts';
import { grantsOfGroups } from '../../domain/group-access.ts';
import type { Database, MemberTable } from '../../store/schema.ts';

export interface ListedGroup {
  readonly id: string;
  readonly name: string;
  /** How many it lists, invitees among them. */
  readonly members: number;
  readonly grants: readonly Grant[];
}

/** The groups of a vault, sorted by name. */
export async function listGroups(db: Kysely<Database>, vaultId: string): Promise<ListedGroup[]> {
  const rows = await db
    .selectFrom('groups')
    .leftJoin('group_members', 'group_members.group_id', 'groups.id')
    .select(({ fn }) => ['groups.id', 'groups.name', fn.count<number>('member_id').as('members')])
    .where('vault_id', '=', vaultId)
    .groupBy(['groups.id', 'groups.name'])
    .orderBy('groups.name')
    .execute();
  const grants = await grantsOfGroups(db, vaultId);
  return rows.map((row) => ({ ...row, grants: grants.get(row.id) ?? [] }));
}

export interface GroupPage {
  readonly members: { readonly email: string; readonly state: MemberTable['state'] }[];
  /** Ask again after this address; null at the end. */
  readonly next: string | null;
}

/** Whom a group lists, sorted by e-mail, a page at a time. Throws DomainError `NotFound`. */
export async function groupMembers(
  db: Kysely<Database>,
  vaultId: string,
  name: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<GroupPage> {
  const group = await db
    .selectFrom('groups')
    .select('id')
    .where('vault_id', '=', vaultId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (group === undefined) throw refuse('NotFound', `There is no group ${name}.`);
  const rows = await db
    .selectFrom('group_members')
    .innerJoin('members', 'members.id', 'group_members.member_id')
    .select(['members.email', 'members.state'])
    .where('group_id', '=', group.id)
    .where('members.email', '>', after)
    .orderBy('members.email')
    .limit(limit + 1)
    .execute();
  const members = rows.slice(0, limit);
  return { members, next: rows.length > limit ? (members.at(-1)?.email ?? null) : null };
}
