/** What is in the trash, brought back to life in the tables. The caller writes the audit entry and answers the cuts. */
import type { Act } from '../act/context.ts';
import { requireNewName, requireNewSecretName } from '../act/new-name.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { takeName } from '../managed/taken-names.ts';
import { checkQuota, leaveScopes } from '../projects/projects.ts';
import type { ProjectTable, SecretTable } from '../store/schema.ts';

type InTrash = { readonly secret: SecretTable | null; readonly project: ProjectTable };

/** The thing in the trash, with the project of a secret. Throws DomainError `NotFound`. */
export async function inTrash(act: Act, id: string): Promise<InTrash> {
  const secret =
    (await act.db
      .selectFrom('secrets')
      .selectAll()
      .where('id', '=', id)
      .where('vault_id', '=', act.vault.id)
      .where('deleted_at', 'is not', null)
      .executeTakeFirst()) ?? null;
  const project = await act.db
    .selectFrom('projects')
    .selectAll()
    .where('id', '=', secret?.project_id ?? id)
    .where('vault_id', '=', act.vault.id)
    .$if(secret === null, (rows) => rows.where('deleted_at', 'is not', null))
    .executeTakeFirst();
  if (project === undefined)
    throw refuse('NotFound', 'There is no such thing in the trash.', 'List the trash.');
  return { secret, project };
}

/** A secret of a living project, with its versions; no machine is granted it by that. Throws DomainError `NameTaken`. */
export async function reviveSecret(
  act: Act,
  secret: SecretTable,
  project: ProjectTable,
  name: string,
): Promise<void> {
  await requireNewSecretName(act, project, name);
  await act.db
    .updateTable('secrets')
    .set({ name, deleted_at: null, deleted_by: null, revision: act.nextSecretRevision })
    .where('id', '=', secret.id)
    .execute();
  act.movesSecrets();
}

/**
 * A project with the secrets that went with it, whose names it answers, sorted. In no grant and no scope. Throws DomainError
 * `NameTaken`, `QuotaReached`.
 */
export async function reviveProject(
  act: Act,
  project: ProjectTable,
  name: string,
): Promise<readonly string[]> {
  // Under its own name it is what a manager had a record of.
  const requireName = name === project.name ? requireNewName : takeName;
  await requireName(act, 'project', name);
  await checkQuota(act, 'projects');
  await act.db
    .updateTable('projects')
    .set({ name, deleted_at: null, deleted_by: null, deleted_entry: null })
    .where('id', '=', project.id)
    .execute();
  const secrets = await act.db
    .updateTable('secrets')
    .set({
      deleted_at: null,
      deleted_by: null,
      deleted_with_project: 0,
      revision: act.nextSecretRevision,
    })
    .where('project_id', '=', project.id)
    .where('deleted_with_project', '=', 1)
    .returning('name')
    .execute();
  if (secrets.length > 0) act.movesSecrets();
  // In a database of before, scopes still have it; whoever holds them since would get it with them.
  await leaveScopes(act, project.id);
  return secrets.map((secret) => secret.name).sort(byText);
}
