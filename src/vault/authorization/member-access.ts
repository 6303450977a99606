/** A member with the access by natural keys, as every decision about them reads it (V3). */
import type { Kysely } from 'kysely';
import type { MemberAccess } from '#model/organization.ts';
import { byText, idScope, readScope } from '../common/scope.ts';
import type { Database, MemberTable } from '../store/schema.ts';
import { projectNames } from './project-names.ts';

export interface MemberWithAccess {
  readonly row: MemberTable;
  readonly access: MemberAccess;
}

/** The member of an e-mail (lower case), with the access by natural keys; undefined where there is none. */
export async function findMember(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
): Promise<MemberWithAccess | undefined> {
  const row = await db
    .selectFrom('members')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('email', '=', email)
    .executeTakeFirst();
  return row === undefined ? undefined : { row, access: await accessOf(db, row) };
}

/** What a member row grants, by natural keys (design §5). */
export async function accessOf(db: Kysely<Database>, row: MemberTable): Promise<MemberAccess> {
  const template =
    row.template_id === null
      ? undefined
      : await db.selectFrom('templates').select('name').where('id', '=', row.template_id).executeTakeFirst();
  const grants = await db
    .selectFrom('grants')
    .innerJoin('projects', 'projects.id', 'grants.project_id')
    .select(['projects.name as project', 'grants.access'])
    .where('grants.member_id', '=', row.id)
    .where('projects.deleted_at', 'is', null)
    .execute();
  return {
    role: row.role,
    template: template?.name ?? null,
    projectScope:
      row.project_scope === null
        ? null
        : readScope(idScope(row.project_scope), await projectNames(db, row.vault_id)),
    grants: grants.sort((a, b) => byText(a.project, b.project)),
  };
}
