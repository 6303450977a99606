/**
 * What a thing of a vault may be called from now on: a name, and neither the name nor the id of another of its kind. A
 * path names things by either, so that what one text names is one thing.
 *
 * Decides V7: which names things of a vault take.
 */
import { isName, NAME_RULE } from '#model/names.ts';
import { refuse } from '../common/domain-error.ts';
import type { Act } from './context.ts';

const TABLES = { project: 'projects', group: 'groups', template: 'templates', machine: 'machines' } as const;

/** Throws DomainError `Invalid`, `NameTaken`. */
export async function requireNewName(act: Act, kind: keyof typeof TABLES, name: string): Promise<void> {
  requireName(kind, name);
  const { db, vault } = act;
  const table = TABLES[kind];
  const rows =
    table === 'projects'
      ? await db
          .selectFrom(table)
          .select('id')
          .where('vault_id', '=', vault.id)
          // What is in the trash has its id, and comes back under it.
          .where(({ eb, and, or }) =>
            or([eb('id', '=', name), and([eb('name', '=', name), eb('deleted_at', 'is', null)])]),
          )
          .limit(1)
          .execute()
      : await db
          .selectFrom(table)
          .select('id')
          .where('vault_id', '=', vault.id)
          .where(({ eb, or }) => or([eb('id', '=', name), eb('name', '=', name)]))
          .limit(1)
          .execute();
  if (rows.length > 0) throw refuse('NameTaken', `There is a ${kind} ${name} already.`);
}

/** The same of a secret, which is one of its project. Throws DomainError `Invalid`, `NameTaken`. */
export async function requireNewSecretName(
  act: Act,
  project: { readonly id: string; readonly name: string },
  name: string,
): Promise<void> {
  requireName('secret', name);
  const row = await act.db
    .selectFrom('secrets')
    .select('id')
    .where('project_id', '=', project.id)
    .where(({ eb, and, or }) =>
      or([eb('id', '=', name), and([eb('name', '=', name), eb('deleted_at', 'is', null)])]),
    )
    .executeTakeFirst();
  if (row !== undefined)
    throw refuse('NameTaken', `The project ${project.name} has a secret ${name} already.`);
}

function requireName(kind: string, name: string): void {
  if (!isName(name)) throw refuse('Invalid', `The name of a ${kind} ${NAME_RULE}.`, 'Take another name.');
}
