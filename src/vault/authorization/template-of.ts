import type { Kysely } from 'kysely';
import type { Capabilities } from '#model/capabilities.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import { idScope, type ProjectNames, readScope } from '../common/scope.ts';
import type { Database, TemplateTable } from '../store/schema.ts';
import { projectNames } from './project-names.ts';

/** A template as the model has it. */
export function templateOf(row: TemplateTable, names: ProjectNames): PermissionTemplate {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    capabilities: JSON.parse(row.capabilities) as Capabilities,
    projectScope: readScope(idScope(row.project_scope), names),
    archived: row.archived_at !== null,
  };
}

/** All templates of a vault, in no order. */
export async function templatesOf(db: Kysely<Database>, vaultId: string): Promise<PermissionTemplate[]> {
  const rows = await db.selectFrom('templates').selectAll().where('vault_id', '=', vaultId).execute();
  const names = await projectNames(db, vaultId);
  return rows.map((row) => templateOf(row, names));
}
