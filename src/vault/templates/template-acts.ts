/**
 * What the owner does with permission templates (T1 to T4); what is taken out leaves a tombstone (rail 7).
 *
 * Decides T4: that the cells of the owner are left out of what people make.
 */
import type { Kysely } from 'kysely';
import { type Capabilities, type Category, templateCells } from '#model/capabilities.ts';
import type { TemplateFields } from '#model/fields.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import type { Act } from '../act/context.ts';
import { projectNames } from '../authorization/project-names.ts';
import { templateOf } from '../authorization/template-of.ts';
import { refuse } from '../common/domain-error.ts';
import { checkRenamable, managerOf } from '../managed/records.ts';
import { clearItemTombstones, recordItemTombstones, recordTombstone } from '../managed/tombstones.ts';
import { answerScope, buryScope } from '../projects/scope-revocations.ts';
import type { Database } from '../store/schema.ts';
import {
  createTemplate,
  deleteTemplate,
  renameTemplate,
  setArchived,
  templateNamed,
  updateTemplate,
} from './templates.ts';

const subject = (key: string) => ({ kind: 'PermissionTemplate', key }) as const;

export interface ListedTemplate extends PermissionTemplate {
  /** How many members hold it. */
  readonly holders: number;
}

/** The templates of a vault, sorted by name, archived ones among them. */
export async function listTemplates(db: Kysely<Database>, vaultId: string): Promise<ListedTemplate[]> {
  const rows = await db
    .selectFrom('templates')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .orderBy('name')
    .execute();
  const held = await db
    .selectFrom('members')
    .select(({ fn }) => ['template_id', fn.countAll<number>().as('holders')])
    .where('vault_id', '=', vaultId)
    .where('template_id', 'is not', null)
    .groupBy('template_id')
    .execute();
  const holders = new Map(held.map(({ template_id, holders }) => [template_id, holders]));
  const names = await projectNames(db, vaultId);
  return rows.map((row) => ({ ...templateOf(row, names), holders: holders.get(row.id) ?? 0 }));
}

/** What an earlier template of that name was cut by is answered as far as it is given. Throws DomainError `NameTaken`, `NotFound`. */
export async function createTemplateByPerson(
  act: Act,
  name: string,
  fields: TemplateFields,
): Promise<PermissionTemplate> {
  const given = withoutOwnerCells(fields);
  await createTemplate(act, name, given);
  await act.audit({ action: 'template.created', subject: subject(name), details: { after: asJson(given) } });
  await clearItemTombstones(act, { ...subject(name), act: 'CellRemoved' }, cellIds(given.capabilities));
  await answerScope(act, subject(name), { before: [], after: given.projectScope });
  return templateNamed(act, name);
}

export interface TemplateEdit extends Partial<TemplateFields> {
  /** The new one. */
  readonly name?: string;
}

/**
 * T2: it acts on the next request of its holders. What is left out stays as it is.
 * Throws DomainError `NotFound`, `NameTaken`, `Foreign` where one is renamed that is managed.
 */
export async function editTemplateByPerson(
  act: Act,
  formerName: string,
  { name = formerName, ...edit }: TemplateEdit,
): Promise<PermissionTemplate> {
  const template = await templateNamed(act, formerName);
  if (name !== formerName) {
    await checkRenamable(act, subject(formerName));
    await renameTemplate(act, template.id, name);
  }
  const before = fieldsOf(template);
  const after = withoutOwnerCells({ ...before, ...edit });
  const [had, has] = [cellIds(before.capabilities), cellIds(after.capabilities)];
  const [lost, gained] = [
    had.filter((cell) => !has.includes(cell)),
    has.filter((cell) => !had.includes(cell)),
  ];
  const scope = { before: before.projectScope, after: after.projectScope };
  await updateTemplate(act, template.id, after);
  const renamed = name === formerName ? {} : { renamedFrom: formerName };
  const details = { before: asJson(before), after: asJson(after), ...renamed };
  const entry = await act.audit({ action: 'template.updated', subject: subject(name), details });
  await clearItemTombstones(act, { ...subject(name), act: 'CellRemoved' }, gained);
  await recordItemTombstones(act, entry, { ...subject(name), act: 'CellRemoved' }, lost);
  await answerScope(act, subject(name), scope);
  await buryScope(act, entry, subject(name), scope);
  return templateNamed(act, name);
}

/** T2. `cell` is `Category: Cell`. Throws DomainError `NotFound`. */
export async function removeCellByPerson(act: Act, name: string, cell: string): Promise<void> {
  const template = await templateNamed(act, name);
  const [category, short] = cell.split(': ', 2) as [Category, string | undefined];
  const cells = template.capabilities[category] ?? [];
  if (short === undefined || !cells.includes(short)) throw refuse('NotFound', `${name} has no ${cell}.`);
  const capabilities = { ...template.capabilities, [category]: cells.filter((one) => one !== short) };
  await updateTemplate(act, template.id, { ...template, capabilities });
  const entry = await act.audit({
    action: 'template.cell-removed',
    subject: subject(name),
    details: { cell },
  });
  await recordTombstone(act, entry, { ...subject(name), act: 'CellRemoved', item: cell });
}

/** Who holds it keeps it; nobody new is given it. Throws DomainError `NotFound`, `Invalid`. */
export async function archiveTemplateByPerson(act: Act, name: string): Promise<void> {
  const template = await templateNamed(act, name);
  if (template.archived) throw refuse('Invalid', `${name} is archived already.`);
  await setArchived(act, template.id, true);
  await act.audit({ action: 'template.archived', subject: subject(name) });
}

/** Throws DomainError `NotFound`, `Invalid`. */
export async function unarchiveTemplateByPerson(act: Act, name: string): Promise<void> {
  const template = await templateNamed(act, name);
  if (!template.archived) throw refuse('Invalid', `${name} is not archived.`);
  await setArchived(act, template.id, false);
  await act.audit({ action: 'template.unarchived', subject: subject(name) });
}

/**
 * Nobody may hold it. One that a manager keeps in Git is not made anew with what was in it (rail 7).
 * Throws DomainError `NotFound`, `TemplateInUse`.
 */
export async function deleteTemplateByPerson(act: Act, name: string): Promise<void> {
  const template = await templateNamed(act, name);
  await deleteTemplate(act, template);
  const details = { before: asJson(fieldsOf(template)) };
  const entry = await act.audit({ action: 'template.deleted', subject: subject(name), details });
  if ((await managerOf(act, subject(name))) === null) return;
  await recordItemTombstones(
    act,
    entry,
    { ...subject(name), act: 'CellRemoved' },
    cellIds(template.capabilities),
  );
}

/** T4: the cells that are the owner's alone are filtered out; the others in the order of the matrix. */
function withoutOwnerCells(fields: TemplateFields): TemplateFields {
  const cells = Map.groupBy(templateCells(fields.capabilities), ({ category }) => category);
  const capabilities = Object.fromEntries(
    [...cells].map(([category, given]) => [category, given.map(({ cell }) => cell)]),
  );
  return { ...fields, capabilities };
}

function cellIds(capabilities: Capabilities): string[] {
  return templateCells(capabilities).map(({ id }) => id);
}

function fieldsOf({ description, capabilities, projectScope }: PermissionTemplate): TemplateFields {
  return { description, capabilities, projectScope };
}

function asJson(fields: TemplateFields): Json {
  return JSON.parse(JSON.stringify(fields)) as Json;
}
