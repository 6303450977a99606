/** Groups in the tables (G1, G2). Checks rules; the caller writes the audit entry (A2). */
import type { Kysely } from 'kysely';
import type { GroupGrant } from '../../model/groups.ts';
import type { Grant, GrantAccess, Group } from '../../model/organization.ts';
import type { Database, GroupTable } from '../store/schema.ts';
import type { Act } from './context.ts';
import { refuse } from './domain-error.ts';
import { checkQuota } from './projects.ts';
import { byText } from './scope.ts';

/** All groups of a vault with members and grants, sorted by name. */
export async function groupsOf(db: Kysely<Database>, vaultId: string): Promise<Group[]> {
  const rows = await db.selectFrom('groups').select(['id', 'name']).where('vault_id', '=', vaultId).execute();
  if (rows.length === 0) return [];
  const memberRows = await db
    .selectFrom('group_members')
    .innerJoin('members', 'members.id', 'group_members.member_id')
    .select(['group_members.group_id', 'members.email'])
    .where('members.vault_id', '=', vaultId)
    .execute();
  const members = Map.groupBy(memberRows, ({ group_id }) => group_id);
  const grants = await grantsOfGroups(db, vaultId);
  return rows
    .map(({ id, name }) => ({
      id,
      name,
      members: (members.get(id) ?? []).map(({ email }) => email).sort(byText),
      grants: grants.get(id) ?? [],
    }))
    .sort((a, b) => byText(a.name, b.name));
}

/** What the groups of a vault give, by group id; each list sorted by project. */
export async function grantsOfGroups(db: Kysely<Database>, vaultId: string): Promise<Map<string, Grant[]>> {
  const rows = await grantRowsOf(db).where('projects.vault_id', '=', vaultId).execute();
  const byGroup = Map.groupBy(rows, ({ group_id }) => group_id);
  return new Map([...byGroup].map(([id, grants]) => [id, sortedGrants(grants)]));
}

/** What the groups of these members (ids) give, by member id; members without any are left out. */
export async function groupGrantsByMember(
  db: Kysely<Database>,
  memberIds: readonly string[],
): Promise<Map<string, GroupGrant[]>> {
  if (memberIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .innerJoin('group_grants', 'group_grants.group_id', 'groups.id')
    .innerJoin('projects', 'projects.id', 'group_grants.project_id')
    .select([
      'group_members.member_id',
      'groups.name as group',
      'projects.name as project',
      'group_grants.access',
    ])
    .where('group_members.member_id', 'in', memberIds)
    .where('projects.deleted_at', 'is', null)
    .execute();
  rows.sort((a, b) => byText(a.group, b.group) || byText(a.project, b.project));
  const byMember = new Map<string, GroupGrant[]>();
  for (const { member_id, group, project, access } of rows) {
    const given = { group, project, access };
    const list = byMember.get(member_id);
    if (list === undefined) byMember.set(member_id, [given]);
    else list.push(given);
  }
  return byMember;
}

/** The names of the groups that list these members (ids), sorted, by member id. */
export async function groupNamesByMember(
  db: Kysely<Database>,
  memberIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .select(['group_members.member_id', 'groups.name'])
    .where('group_members.member_id', 'in', memberIds)
    .execute();
  const byMember = Map.groupBy(rows, ({ member_id }) => member_id);
  return new Map([...byMember].map(([id, groups]) => [id, groups.map(({ name }) => name).sort(byText)]));
}

/** What the groups of one member give, in the order of their names. */
export async function groupGrantsOfMember(db: Kysely<Database>, memberId: string): Promise<GroupGrant[]> {
  return (await groupGrantsByMember(db, [memberId])).get(memberId) ?? [];
}

/** The groups of one member, as far as they decide the member's access. */
export async function groupsOfMember(
  db: Kysely<Database>,
  member: { readonly id: string; readonly email: string },
): Promise<Group[]> {
  const given = Map.groupBy(await groupGrantsOfMember(db, member.id), ({ group }) => group);
  return [...given].map(([name, grants]) => ({
    id: '',
    name,
    members: [member.email],
    grants: grants.map(({ project, access }) => ({ project, access })),
  }));
}

/** Throws `NotFound`. */
export async function groupNamed(act: Act, name: string): Promise<GroupTable> {
  const row = await findGroup(act, name);
  if (row === undefined) throw refuse('NotFound', `There is no group ${name}.`);
  return row;
}

function findGroup({ db, vault }: Act, name: string): Promise<GroupTable | undefined> {
  return db
    .selectFrom('groups')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** P1: the group that an organization starts with lists its owner, and is a group like any other. */
export async function firstGroup(
  db: Kysely<Database>,
  {
    id,
    vaultId,
    name,
    ownerId,
    now,
  }: Readonly<Record<'id' | 'vaultId' | 'name' | 'ownerId', string>> & { readonly now: number },
): Promise<void> {
  await db.insertInto('groups').values({ id, vault_id: vaultId, name, created_at: now }).execute();
  await db.insertInto('group_members').values({ group_id: id, member_id: ownerId }).execute();
}

/** G2: a group without members and grants. Throws `NameTaken`, `QuotaReached`. */
export async function createGroup(act: Act, name: string): Promise<GroupTable> {
  await checkFree(act, name);
  await checkQuota(act, 'groups');
  const row = { id: act.ids.make('grp'), vault_id: act.vault.id, name, created_at: act.now };
  await act.db.insertInto('groups').values(row).execute();
  return row;
}

/** G2. Throws `NameTaken`. */
export async function renameGroup(act: Act, group: GroupTable, name: string): Promise<void> {
  await checkFree(act, name);
  await act.db.updateTable('groups').set({ name }).where('id', '=', group.id).execute();
}

/** G2: another group with the same members and grants. Throws `NameTaken`, `QuotaReached`. */
export async function duplicateGroup(act: Act, group: GroupTable, name: string): Promise<void> {
  const { id } = await createGroup(act, name);
  await act.db
    .insertInto('group_members')
    .columns(['group_id', 'member_id'])
    .expression((of) =>
      of
        .selectFrom('group_members')
        .select(({ val }) => [val(id).as('group_id'), 'member_id'])
        .where('group_id', '=', group.id),
    )
    .execute();
  await act.db
    .insertInto('group_grants')
    .columns(['group_id', 'project_id', 'access'])
    .expression((of) =>
      of
        .selectFrom('group_grants')
        .select(({ val }) => [val(id).as('group_id'), 'project_id', 'access'])
        .where('group_id', '=', group.id),
    )
    .execute();
}

/** G2: drops the access that the group gave; its members stay members. */
export async function deleteGroup(act: Act, group: GroupTable): Promise<void> {
  await act.db.deleteFrom('groups').where('id', '=', group.id).execute();
}

/** Lists members and invitees; answers those that were not listed before, sorted. Throws `NotFound`. */
export async function addToGroup(act: Act, group: GroupTable, emails: readonly string[]): Promise<string[]> {
  const there = await act.db
    .selectFrom('members')
    .select(['id', 'email'])
    .where('vault_id', '=', act.vault.id)
    .where('email', 'in', emails)
    .execute();
  const ids = new Map(there.map(({ id, email }) => [email, id]));
  const missing = emails.find((email) => !ids.has(email));
  if (missing !== undefined) {
    throw refuse('NotFound', `${missing} is neither a member nor invited.`, 'Invite them first.');
  }
  const listed = new Set(
    (
      await act.db
        .selectFrom('group_members')
        .select('member_id')
        .where('group_id', '=', group.id)
        .where('member_id', 'in', [...ids.values()])
        .execute()
    ).map(({ member_id }) => member_id),
  );
  const added = [...ids].filter(([, id]) => !listed.has(id));
  if (added.length > 0) {
    const rows = added.map(([, member_id]) => ({ group_id: group.id, member_id }));
    await act.db.insertInto('group_members').values(rows).execute();
  }
  return added.map(([email]) => email).sort(byText);
}

/** Throws `NotFound` where the group does not list the address. */
export async function removeFromGroup(act: Act, group: GroupTable, email: string): Promise<void> {
  const member = act.db
    .selectFrom('members')
    .select('id')
    .where('vault_id', '=', act.vault.id)
    .where('email', '=', email);
  const { numDeletedRows } = await act.db
    .deleteFrom('group_members')
    .where('group_id', '=', group.id)
    .where('member_id', 'in', member)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw refuse('NotFound', `${group.name} does not list ${email}.`);
}

/** What a group gives in a project; null: nothing. */
export async function grantOfGroup(
  act: Act,
  group: GroupTable,
  projectId: string,
): Promise<GrantAccess | null> {
  const row = await act.db
    .selectFrom('group_grants')
    .select('access')
    .where('group_id', '=', group.id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row?.access ?? null;
}

/** One grant a project: a second one takes the place of the first. Null takes it away. */
export async function setGroupGrant(
  { db }: Act,
  group: GroupTable,
  projectId: string,
  access: GrantAccess | null,
): Promise<void> {
  if (access === null) {
    await db
      .deleteFrom('group_grants')
      .where('group_id', '=', group.id)
      .where('project_id', '=', projectId)
      .execute();
    return;
  }
  await db
    .insertInto('group_grants')
    .values({ group_id: group.id, project_id: projectId, access })
    .onConflict((conflict) => conflict.columns(['group_id', 'project_id']).doUpdateSet({ access }))
    .execute();
}

/** Members (a number) and grants of one group, for the audit log. */
export async function contentOf(
  act: Act,
  group: GroupTable,
): Promise<{ readonly members: number; readonly grants: readonly Grant[] }> {
  const { members } = await act.db
    .selectFrom('group_members')
    .select(({ fn }) => fn.countAll<number>().as('members'))
    .where('group_id', '=', group.id)
    .executeTakeFirstOrThrow();
  const grants = await grantRowsOf(act.db).where('group_grants.group_id', '=', group.id).execute();
  return { members, grants: sortedGrants(grants) };
}

function grantRowsOf(db: Kysely<Database>) {
  return db
    .selectFrom('group_grants')
    .innerJoin('projects', 'projects.id', 'group_grants.project_id')
    .select(['group_grants.group_id', 'projects.name as project', 'group_grants.access'])
    .where('projects.deleted_at', 'is', null);
}

function sortedGrants(rows: readonly Grant[]): Grant[] {
  return rows
    .map(({ project, access }) => ({ project, access }))
    .sort((a, b) => byText(a.project, b.project));
}

async function checkFree(act: Act, name: string): Promise<void> {
  if ((await findGroup(act, name)) !== undefined) {
    throw refuse('NameTaken', `There is a group ${name} already.`);
  }
}
