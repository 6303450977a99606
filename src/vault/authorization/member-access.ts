/** A member with the access by natural keys, as every decision about them reads it (V3). */
import type { Kysely } from 'kysely';
import { ending } from '#model/ends.ts';
import { byProject } from '#model/member-access.ts';
import type { Grant, Member, MemberAccess } from '#model/organization.ts';
import { idScope, type ProjectNames, readScope } from '../common/scope.ts';
import type { Database, GrantTable, MemberTable } from '../store/schema.ts';
import { grantOfRow } from './group-access.ts';
import { projectNames } from './project-names.ts';

export interface MemberWithAccess {
  readonly row: MemberTable;
  readonly access: MemberAccess;
}

/** As far as the consequence of a step looks at a member. */
export function judgedMember({ row, access }: MemberWithAccess): Member {
  const { id, email, user_name: userName, state } = row;
  return { ...access, id, email, userName, state, invite: null };
}

/** The member of an e-mail (lower case), with the access by natural keys; undefined where there is none. */
export async function findMember(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
): Promise<MemberWithAccess | undefined> {
  const row = await memberRow(db, vaultId, email);
  return row === undefined ? undefined : { row, access: await accessOf(db, row) };
}

/** The row of the member of an e-mail (lower case); undefined where there is none. */
export function memberRow(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
): Promise<MemberTable | undefined> {
  return db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('email', '=', email)
    .executeTakeFirst();
}

/** What a member was granted in living projects, groups aside. */
export async function directGrants(db: Kysely<Database>, memberId: string): Promise<Grant[]> {
  const rows = await db
    .selectFrom('grants')
    .innerJoin('projects', 'projects.id', 'grants.project_id')
    .select(['projects.name as project', 'grants.access', 'grants.ends_at'])
    .where('grants.member_id', '=', memberId)
    .where('projects.deleted_at', 'is', null)
    .execute();
  return rows.map(grantOfRow);
}

/** What a member row grants, by natural keys (design §5). */
export async function accessOf(db: Kysely<Database>, row: MemberTable): Promise<MemberAccess> {
  const template =
    row.template_id === null
      ? undefined
      : await db.selectFrom('templates').select('name').where('id', '=', row.template_id).executeTakeFirst();
  const grants = await directGrants(db, row.id);
  const names = row.project_scope === null ? new Map() : await projectNames(db, row.vault_id);
  return accessOfRow(row, { template: template?.name ?? null, grants, names });
}

/**
 * The same, where what the ids of the row stand for was read already: name of the template, grants in living projects,
 * names of the projects of the scope.
 */
export function accessOfRow(
  row: Pick<MemberTable, 'role' | 'project_scope' | 'ends_at' | 'template_ends_at'>,
  { template, grants, names }: Pick<MemberAccess, 'template' | 'grants'> & { readonly names: ProjectNames },
): MemberAccess {
  const { expiresAt: templateExpiresAt } = template === null ? {} : ending(row.template_ends_at);
  return {
    ...ending(row.ends_at),
    role: row.role,
    template,
    ...(templateExpiresAt === undefined ? {} : { templateExpiresAt }),
    projectScope: row.project_scope === null ? null : readScope(idScope(row.project_scope), names),
    grants: byProject(grants),
  };
}

/** Grants of a member in living projects, by the names of those. */
export function namedGrants(rows: readonly GrantTable[] | undefined, names: ProjectNames): Grant[] {
  return (rows ?? []).flatMap(({ project_id, access, ends_at }) => {
    const project = names.get(project_id);
    return project === undefined ? [] : [grantOfRow({ project, access, ends_at })];
  });
}
