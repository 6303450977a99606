import type { Capabilities } from '#model/capabilities.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import { idScope, type ProjectNames, readScope } from '../common/scope.ts';
import type { TemplateTable } from '../store/schema.ts';

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
