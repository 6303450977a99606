/**
 * Permission templates in the tables (T1 to T4). The caller writes the audit entry (A2).
 *
 * Decides T1: templates in the tables.
 */
import { CATEGORIES, type Capabilities, type Category, cellsOf } from '#model/capabilities.ts';
import type { TemplateFields } from '#model/fields.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { requireNewName } from '../act/new-name.ts';
import { projectIds, projectNames } from '../authorization/project-names.ts';
import { templateOf } from '../authorization/template-of.ts';
import { refuse } from '../common/domain-error.ts';
import { requireOrganization } from '../tiers/personal.ts';

export async function findTemplate(act: Act, name: string): Promise<PermissionTemplate | undefined> {
  const row = await act.db
    .selectFrom('templates')
    .selectAll()
    .where('vault_id', '=', act.vault.id)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? undefined : templateOf(row, await projectNames(act.db, act.vault.id));
}

/** Throws `NotFound`. */
export async function templateNamed(act: Act, name: string): Promise<PermissionTemplate> {
  const template = await findTemplate(act, name);
  if (template === undefined) throw refuse('NotFound', `There is no template ${name}.`);
  return template;
}

/** Throws `NameTaken`, `Invalid`, `NotFound`, `PersonalVault`. */
export async function createTemplate(act: Act, name: string, fields: TemplateFields): Promise<string> {
  requireOrganization(act.vault);
  await requireNewName(act, 'template', name);
  const id = act.ids.make('tpl');
  await act.db
    .insertInto('templates')
    .values({ id, vault_id: act.vault.id, name, ...(await templateColumns(act, fields)) })
    .execute();
  return id;
}

/** T2: holders have the new cells with their next request. */
export async function updateTemplate(act: Act, id: string, fields: TemplateFields): Promise<void> {
  await act.db
    .updateTable('templates')
    .set(await templateColumns(act, fields))
    .where('id', '=', id)
    .execute();
}

/** Throws `TemplateInUse` while a member holds it. */
export async function deleteTemplate(act: Act, template: PermissionTemplate): Promise<void> {
  const { held } = await act.db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('held'))
    .where('template_id', '=', template.id)
    .executeTakeFirstOrThrow();
  if (held > 0) {
    const holders = held === 1 ? '1 member holds' : `${held} members hold`;
    throw refuse(
      'TemplateInUse',
      `${holders} the template ${template.name}.`,
      'Archive it, or give them another one first.',
    );
  }
  await act.db.deleteFrom('templates').where('id', '=', template.id).execute();
}

/** Throws `Invalid`, `NameTaken`. */
export async function renameTemplate(act: Act, id: string, name: string): Promise<void> {
  await requireNewName(act, 'template', name);
  await act.db.updateTable('templates').set({ name }).where('id', '=', id).execute();
}

/** Archived: who holds it keeps it, nobody new is given it. */
export async function setArchived(act: Act, id: string, archived: boolean): Promise<void> {
  await act.db
    .updateTable('templates')
    .set({ archived_at: archived ? act.now : null })
    .where('id', '=', id)
    .execute();
}

async function templateColumns(
  act: Act,
  { description, capabilities, projectScope }: TemplateFields,
): Promise<{ description: string; capabilities: string; project_scope: string }> {
  checkCells(capabilities);
  return {
    description,
    capabilities: JSON.stringify(capabilities),
    project_scope: JSON.stringify(projectScope === 'All' ? 'All' : await projectIds(act, projectScope)),
  };
}

/** Owner-only cells are taken and give nothing (T4); cells that the matrix does not have are refused. */
function checkCells(capabilities: Capabilities): void {
  for (const [category, cells = []] of Object.entries(capabilities)) {
    const known = CATEGORIES.includes(category as Category) ? cellsOf(category as Category) : [];
    const unknown = cells.find((cell) => !known.includes(cell));
    if (unknown !== undefined) throw refuse('Invalid', `There is no cell ${category}: ${unknown}.`);
  }
}
