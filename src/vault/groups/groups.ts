/**
 * Groups in the tables (G1, G2). Checks rules; the caller writes the audit entry (A2).
 *
 * Decides G2: groups in the tables.
 */
import type { Kysely } from 'kysely';
import { ending, endsLater } from '#model/ends.ts';
import { membershipsOf } from '#model/listing.ts';
import type { GrantTerms, GroupContent } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type { Act } from '../act/context.ts';
import { grantRowsOf, listingOfRows, sortedGrants } from '../authorization/group-access.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { takeName } from '../managed/taken-names.ts';
import { checkGroupsOfTier, checkQuota, projectNamed } from '../projects/projects.ts';
import type { Database, GroupTable } from '../store/schema.ts';

export function findGroup({ db, vault }: Act, name: string): Promise<GroupTable | undefined> {
  return db
    .selectFrom('groups')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Throws `NotFound`. */
export async function groupNamed(act: Act, name: string): Promise<GroupTable> {
  const row = await findGroup(act, name);
  if (row === undefined) throw refuse('NotFound', `There is no group ${name}.`);
  return row;
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
  await db
    .insertInto('groups')
    .values({ id, vault_id: vaultId, name, description: '', created_at: now })
    .execute();
  await db.insertInto('group_members').values({ group_id: id, member_id: ownerId }).execute();
}

/** G2: a group without members and grants. Throws `Invalid`, `NameTaken`, `QuotaReached`. */
export async function createGroup(act: Act, name: string, description: string): Promise<GroupTable> {
  await takeName(act, 'group', name);
  await checkQuota(act, 'groups');
  const row = { id: act.ids.make('grp'), vault_id: act.vault.id, name, description, created_at: act.now };
  await act.db.insertInto('groups').values(row).execute();
  return row;
}

/** G2. Throws `Invalid`, `NameTaken`. */
export async function renameGroup(act: Act, group: GroupTable, name: string): Promise<void> {
  await takeName(act, 'group', name);
  await act.db.updateTable('groups').set({ name }).where('id', '=', group.id).execute();
}

/** G2: another group with the same members and grants. Throws `Invalid`, `NameTaken`, `QuotaReached`. */
export async function duplicateGroup(act: Act, group: GroupTable, name: string): Promise<void> {
  const { id } = await createGroup(act, name, group.description);
  await act.db
    .insertInto('group_members')
    .columns(['group_id', 'member_id', 'ends_at'])
    .expression((of) =>
      of
        .selectFrom('group_members')
        .select(({ val }) => [val(id).as('group_id'), 'member_id', 'ends_at'])
        .where('group_id', '=', group.id),
    )
    .execute();
  await act.db
    .insertInto('group_grants')
    .columns(['group_id', 'project_id', 'access', 'ends_at'])
    .expression((of) =>
      of
        .selectFrom('group_grants')
        .select(({ val }) => [val(id).as('group_id'), 'project_id', 'access', 'ends_at'])
        .where('group_id', '=', group.id),
    )
    .execute();
}

/** G2: drops the access that the group gave; its members stay members. */
export async function deleteGroup(act: Act, group: GroupTable): Promise<void> {
  await act.db.deleteFrom('groups').where('id', '=', group.id).execute();
}

/** G2: what it is for. */
export async function describeGroup(act: Act, group: GroupTable, description: string): Promise<void> {
  await act.db.updateTable('groups').set({ description }).where('id', '=', group.id).execute();
}

/**
 * Description and grants as a whole, and the members of `before` off the list, those of `after` on it; who is in both stays
 * to the end of `after`. Throws `NotFound`, `QuotaReached`.
 */
export async function changeGroup(
  act: Act,
  group: GroupTable,
  before: GroupContent,
  after: GroupContent,
): Promise<void> {
  if (after.description !== before.description) await describeGroup(act, group, after.description);
  const listed = membershipsOf(after);
  for (const email of before.members) {
    if (!listed.has(email)) await removeFromGroup(act, group, email);
  }
  for (const [expiresAt, some] of Map.groupBy(listed, ([, end]) => end.expiresAt)) {
    await addToGroup(
      act,
      group,
      some.map(([email]) => email),
      expiresAt,
    );
  }
  const kept = new Set(after.grants.map(({ project }) => project));
  for (const { project } of before.grants) {
    if (!kept.has(project)) await setGroupGrant(act, group, (await projectNamed(act, project)).id, null);
  }
  const given = new Map(before.grants.map((grant) => [grant.project, grant]));
  for (const grant of after.grants) {
    if (sameValue(given.get(grant.project), grant)) continue;
    const { project, ...terms } = grant;
    await setGroupGrant(act, group, (await projectNamed(act, project)).id, terms);
  }
}

/**
 * Lists members and invitees until an end (M5; undefined: without one), those that are listed too; answers those that were
 * not, or to another end, sorted. Throws `NotFound`, `QuotaReached`.
 */
export async function addToGroup(
  act: Act,
  group: GroupTable,
  emails: readonly string[],
  expiresAt: number | undefined,
): Promise<string[]> {
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
  const ends_at = expiresAt ?? null;
  const listed = await act.db
    .selectFrom('group_members')
    .select(['member_id', 'ends_at'])
    .where('group_id', '=', group.id)
    .where('member_id', 'in', [...ids.values()])
    .execute();
  const same = new Set(listed.filter((row) => row.ends_at === ends_at).map(({ member_id }) => member_id));
  const added = [...ids].filter(([, id]) => !same.has(id));
  if (added.length > 0) {
    const ended = new Map(listed.map((row) => [row.member_id, row.ends_at ?? undefined]));
    if (added.some(([, id]) => !ended.has(id) || endsLater(expiresAt, ended.get(id)))) checkGroupsOfTier(act);
    const rows = added.map(([, member_id]) => ({ group_id: group.id, member_id, ends_at }));
    await act.db
      .insertInto('group_members')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['group_id', 'member_id']).doUpdateSet({ ends_at }))
      .execute();
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
): Promise<GrantTerms | null> {
  const row = await act.db
    .selectFrom('group_grants')
    .select(['access', 'ends_at'])
    .where('group_id', '=', group.id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row === undefined ? null : { access: row.access, ...ending(row.ends_at) };
}

/** One grant a project: a second one takes the place of the first. Null takes it away. Throws `QuotaReached`. */
export async function setGroupGrant(
  act: Act,
  group: GroupTable,
  projectId: string,
  terms: GrantTerms | null,
): Promise<void> {
  const { db } = act;
  if (terms === null) {
    await db
      .deleteFrom('group_grants')
      .where('group_id', '=', group.id)
      .where('project_id', '=', projectId)
      .execute();
    return;
  }
  const before = await grantOfGroup(act, group, projectId);
  const isMore =
    before === null ||
    (before.access === 'Read' && terms.access === 'Write') ||
    endsLater(terms.expiresAt, before.expiresAt);
  if (isMore) checkGroupsOfTier(act);
  const columns = { access: terms.access, ends_at: terms.expiresAt ?? null };
  await db
    .insertInto('group_grants')
    .values({ group_id: group.id, project_id: projectId, ...columns })
    .onConflict((conflict) => conflict.columns(['group_id', 'project_id']).doUpdateSet(columns))
    .execute();
}

/** What a group is, lists and gives. */
export async function contentOf(act: Act, group: GroupTable): Promise<GroupContent> {
  const rows = await act.db
    .selectFrom('group_members')
    .innerJoin('members', 'members.id', 'group_members.member_id')
    .select(['members.email', 'group_members.ends_at'])
    .where('group_id', '=', group.id)
    .execute();
  const grants = await grantRowsOf(act.db).where('group_grants.group_id', '=', group.id).execute();
  return {
    description: group.description,
    ...listingOfRows(rows),
    grants: sortedGrants(grants),
  };
}
