/** What groups give, read out of the tables (G1, G2). */
import type { Kysely } from 'kysely';
import { ending } from '#model/ends.ts';
import { type GroupGrant, givenBy } from '#model/groups.ts';
import { type Listing, listingOf } from '#model/listing.ts';
import type { Grant, GrantAccess, Group } from '#model/organization.ts';
import { byText } from '../common/scope.ts';
import type { Database } from '../store/schema.ts';

/** All groups of a vault with members and grants, sorted by name. */
export async function groupsOf(db: Kysely<Database>, vaultId: string): Promise<Group[]> {
  const rows = await db
    .selectFrom('groups')
    .select(['id', 'name', 'description'])
    .where('vault_id', '=', vaultId)
    .execute();
  if (rows.length === 0) return [];
  const memberRows = await db
    .selectFrom('group_members')
    .innerJoin('members', 'members.id', 'group_members.member_id')
    .select(['group_members.group_id', 'members.email', 'group_members.ends_at'])
    .where('members.vault_id', '=', vaultId)
    .execute();
  const members = Map.groupBy(memberRows, ({ group_id }) => group_id);
  const grants = await grantsOfGroups(db, vaultId);
  return rows
    .map(({ id, name, description }) => ({
      ...{ id, name, description },
      ...listingOfRows(members.get(id) ?? []),
      grants: grants.get(id) ?? [],
    }))
    .sort((a, b) => byText(a.name, b.name));
}

/** Whom a group lists, and until when where that ends; whoever judges a group has both. */
export function listingOfRows(
  rows: readonly { readonly email: string; readonly ends_at: number | null }[],
): Listing {
  return listingOf(rows.map(({ email, ends_at }) => [email, ending(ends_at)]));
}

/** What the groups of a vault give, by group id; each list sorted by project. */
async function grantsOfGroups(db: Kysely<Database>, vaultId: string): Promise<Map<string, Grant[]>> {
  const rows = await grantRowsOf(db).where('projects.vault_id', '=', vaultId).execute();
  const byGroup = Map.groupBy(rows, ({ group_id }) => group_id);
  return new Map([...byGroup].map(([id, grants]) => [id, sortedGrants(grants)]));
}

/**
 * What the groups of these members (ids) give, by member id; members without any are left out. Asked of each table by
 * itself: joined, SQLite begins with the projects and goes through all of them for each member.
 */
export async function groupGrantsByMember(
  db: Kysely<Database>,
  memberIds: readonly string[],
): Promise<Map<string, GroupGrant[]>> {
  const listed = await membershipsOf(db, memberIds);
  if (listed.length === 0) return new Map();
  const grantRows = await db
    .selectFrom('group_grants')
    .selectAll()
    .where('group_id', 'in', [...new Set(listed.map(({ group_id }) => group_id))])
    .execute();
  if (grantRows.length === 0) return new Map();
  const projects = await db
    .selectFrom('projects')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(grantRows.map(({ project_id }) => project_id))])
    .where('deleted_at', 'is', null)
    .execute();
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  const grants = Map.groupBy(grantRows, ({ group_id }) => group_id);
  const byMember = new Map<string, GroupGrant[]>();
  for (const [memberId, groups] of Map.groupBy(listed, ({ member_id }) => member_id)) {
    const given = groups.flatMap(({ group_id, group, ends_at: membershipEnd }) =>
      (grants.get(group_id) ?? []).flatMap(({ project_id, access, ends_at }) => {
        const project = names.get(project_id);
        if (project === undefined) return [];
        return [givenBy(group, { project, access, ...ending(ends_at) }, membershipEnd ?? undefined)];
      }),
    );
    given.sort((a, b) => byText(a.group, b.group) || byText(a.project, b.project));
    if (given.length > 0) byMember.set(memberId, given);
  }
  return byMember;
}

/** The names of the groups that list these members (ids), sorted, by member id. */
export async function groupNamesByMember(
  db: Kysely<Database>,
  memberIds: readonly string[],
): Promise<Map<string, string[]>> {
  const byMember = Map.groupBy(await membershipsOf(db, memberIds), ({ member_id }) => member_id);
  return new Map([...byMember].map(([id, groups]) => [id, groups.map(({ group }) => group).sort(byText)]));
}

interface Membership {
  readonly member_id: string;
  readonly group_id: string;
  readonly group: string;
  readonly ends_at: number | null;
}

async function membershipsOf(db: Kysely<Database>, memberIds: readonly string[]): Promise<Membership[]> {
  if (memberIds.length === 0) return [];
  return db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .select(['group_members.member_id', 'group_members.group_id', 'groups.name as group', 'ends_at'])
    .where('group_members.member_id', 'in', memberIds)
    .execute();
}

/** What the groups of one member give, in the order of their names. */
export async function groupGrantsOfMember(db: Kysely<Database>, memberId: string): Promise<GroupGrant[]> {
  return (await groupGrantsByMember(db, [memberId])).get(memberId) ?? [];
}

/** The groups of some members, as far as they decide the access of those: one by one, the end of a membership is that of its grants. */
export async function groupsOfMembers(
  db: Kysely<Database>,
  people: readonly { readonly id: string; readonly email: string }[],
): Promise<Group[]> {
  const given = await groupGrantsByMember(
    db,
    people.map(({ id }) => id),
  );
  return people.flatMap(({ id, email }) =>
    [...Map.groupBy(given.get(id) ?? [], ({ group }) => group)].map(([name, grants]) => ({
      ...{ id: '', name, description: '', members: [email] },
      grants: grants.map(({ group: _, ...grant }) => grant),
    })),
  );
}

/** Grants in living projects. */
export function grantRowsOf(db: Kysely<Database>) {
  return db
    .selectFrom('group_grants')
    .innerJoin('projects', 'projects.id', 'group_grants.project_id')
    .select([
      'group_grants.group_id',
      'projects.name as project',
      'group_grants.access',
      'group_grants.ends_at',
    ])
    .where('projects.deleted_at', 'is', null);
}

export interface GrantRow {
  readonly project: string;
  readonly access: GrantAccess;
  readonly ends_at: number | null;
}

/** As the model has it. */
export function grantOfRow({ project, access, ends_at }: GrantRow): Grant {
  return { project, access, ...ending(ends_at) };
}

export function sortedGrants(rows: readonly GrantRow[]): Grant[] {
  return rows.map(grantOfRow).sort((a, b) => byText(a.project, b.project));
}
