/** Projects as people keep them (P2); deleting one is with its secrets. */

import type { Kysely } from 'kysely';
import { type EffectiveAccess, hasCell } from '../../../model/access.ts';
import type { Project } from '../../../model/organization.ts';
import type { Act } from '../../domain/context.ts';
import { checkProjectUndeclared } from '../../domain/declared-projects.ts';
import { createProject, projectNamed, updateProject } from '../../domain/projects.ts';
import { checkRenamable } from '../../domain/records.ts';
import type { Database } from '../../store/schema.ts';

const subject = (key: string) => ({ kind: 'Project', key }) as const;

export interface ListedProject extends Project {
  /** Living ones. */
  readonly secrets: number;
}

/** The living projects in which the access has `Projects: View`, sorted by name. */
export async function listProjects(
  db: Kysely<Database>,
  vaultId: string,
  access: EffectiveAccess,
): Promise<ListedProject[]> {
  const rows = await db
    .selectFrom('projects')
    .leftJoin('secrets', (join) =>
      join.onRef('secrets.project_id', '=', 'projects.id').on('secrets.deleted_at', 'is', null),
    )
    .select(({ fn }) => [
      'projects.id',
      'projects.name',
      'projects.description',
      fn.count<number>('secrets.id').as('secrets'),
    ])
    .where('projects.vault_id', '=', vaultId)
    .where('projects.deleted_at', 'is', null)
    .groupBy(['projects.id', 'projects.name', 'projects.description'])
    .orderBy('projects.name')
    .execute();
  return rows.filter(({ name }) => hasCell(access, 'Projects: View', name));
}

/** Throws DomainError `NameTaken`, `QuotaReached`. */
export async function createProjectByPerson(act: Act, name: string, description: string): Promise<void> {
  const id = await createProject(act, name, description);
  await act.audit({ action: 'project.created', subject: subject(name), details: { id, description } });
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
}
