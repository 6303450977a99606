/**
 * Projects as people keep them (P2).
 *
 * Decides P2: creating and editing by people.
 */

import type { Kysely } from 'kysely';
import type { Project } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { listByText, type PageQuery } from '../http/page.ts';
import { checkProjectUndeclared } from '../managed/declared-projects.ts';
import { checkRenamable } from '../managed/records.ts';
import { clearTombstones } from '../managed/tombstones.ts';
import type { Database } from '../store/schema.ts';
import { createProject, projectNamed, updateProject } from './projects.ts';

const subject = (key: string) => ({ kind: 'Project', key }) as const;

export interface ListedProject extends Project {
  /** Living ones. */
  readonly secrets: number;
}

const PROJECTS = listByText('projects');

/** Those of these living projects (names; null: all), a page, sorted by name. Throws DomainError `BadCursor`. */
export async function listProjects(
  db: Kysely<Database>,
  vaultId: string,
  names: readonly string[] | null,
  query: PageQuery,
): Promise<{ projects: ListedProject[]; next: string | null }> {
  const { after, limit } = PROJECTS.page(query);
  if (names?.length === 0) return { projects: [], next: null };
  const found = await db
    .selectFrom('projects')
    .select(['id', 'name', 'description'])
    .select(({ selectFrom }) =>
      selectFrom('secrets')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('secrets.project_id', '=', 'projects.id')
        .where('secrets.deleted_at', 'is', null)
        .as('secrets'),
    )
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is', null)
    .$if(names !== null, (rows) => rows.where('name', 'in', names ?? []))
    .$if(after !== null, (rows) => rows.where('name', '>', after?.[0] ?? ''))
    .orderBy('name')
    .limit(limit + 1)
    .execute();
  const { rows, next } = PROJECTS.paged(found, limit, ({ name }) => [name]);
  return { projects: rows.map((row) => ({ ...row, secrets: row.secrets ?? 0 })), next };
}

/** Throws DomainError `NameTaken`, `QuotaReached`. */
export async function createProjectByPerson(act: Act, name: string, description: string): Promise<void> {
  const id = await createProject(act, name, description);
  await act.audit({ action: 'project.created', subject: subject(name), details: { id, description } });
  await clearTombstones(act, subject(name), ['ProjectDeleted']);
}

/** What is left out stays as it is. Throws DomainError `NotFound`, `NameTaken`, `Foreign` where one is renamed that is managed. */
export async function editProjectByPerson(
  act: Act,
  formerName: string,
  { name = formerName, description }: { readonly name?: string; readonly description?: string },
): Promise<void> {
  const project = await projectNamed(act, formerName);
  const before = project.description;
  if (name !== formerName) {
    await checkRenamable(act, subject(formerName));
    await checkProjectUndeclared(act, formerName);
    await checkProjectUndeclared(act, name);
  }
  if (name === formerName && (description ?? before) === before) return;
  await updateProject(act, project, { name, description: description ?? before });
  const renamed = name === formerName ? {} : { renamedFrom: formerName };
  await act.audit({
    action: 'project.updated',
    subject: subject(name),
    details: { id: project.id, before, description: description ?? before, ...renamed },
  });
  if (name !== formerName) await clearTombstones(act, subject(name), ['ProjectDeleted']);
}
