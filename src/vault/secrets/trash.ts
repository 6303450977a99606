/** The trash of a vault: what is in it, and the two ways out of it. */
import { type Kysely, sql } from 'kysely';
import type { Act } from '../domain/context.ts';
import { checkProjectUndeclared } from '../domain/declared-projects.ts';
import { DomainError, refuse } from '../domain/domain-error.ts';
import { checkQuota, findProject, leaveScopes } from '../domain/projects.ts';
import { byText } from '../domain/scope.ts';
import { findSecret } from '../domain/secrets.ts';
import { storeBytes } from '../domain/stored-bytes.ts';
import type { Database, ProjectTable, SecretTable } from '../store/schema.ts';
import { checkUndeclared } from './rename.ts';

/** How long things are kept there: 30 days, in milliseconds. */
export const TRASH_LIFE = 30 * 24 * 60 * 60 * 1000;

export interface TrashItem {
  readonly id: string;
  readonly kind: 'Secret' | 'Project';
  readonly name: string;
  /** The project of a secret, which may be in the trash too; null for a project. */
  readonly project: string | null;
  /** Secrets in a project, with it or before it; 1 for a secret. */
  readonly secrets: number;
  /** What purging it frees. */
  readonly bytes: number;
  readonly deletedAt: number;
  /** Null: it was before this was kept. */
  readonly deletedBy: string | null;
  readonly purgedAt: number;
}

/** Newest first; what went with its project is in the item of the project. */
export async function listTrash(db: Kysely<Database>, vaultId: string): Promise<TrashItem[]> {
  const bytes = sql<number>`coalesce((select sum(secret_versions.bytes) from secret_versions
    where secret_versions.secret_id = secrets.id), 0)`;
  const secrets = await db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select([
      'secrets.id',
      'secrets.name',
      'secrets.project_id',
      'projects.name as project',
      'projects.deleted_at as project_deleted_at',
      'secrets.deleted_at',
      'secrets.deleted_by',
      'secrets.deleted_with_project',
      bytes.as('bytes'),
    ])
    .where('secrets.vault_id', '=', vaultId)
    .where('secrets.deleted_at', 'is not', null)
    .execute();
  const projects = await db
    .selectFrom('projects')
    .select(['id', 'name', 'deleted_at', 'deleted_by'])
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is not', null)
    .execute();
  const within = new Map(projects.map(({ id }) => [id, { secrets: 0, bytes: 0 }]));
  for (const { project_id, bytes } of secrets) {
    const sum = within.get(project_id);
    if (sum === undefined) continue;
    sum.secrets += 1;
    sum.bytes += bytes;
  }
  const dated = ({ deleted_at, deleted_by }: Pick<SecretTable, 'deleted_at' | 'deleted_by'>) => ({
    deletedAt: deleted_at ?? 0,
    deletedBy: deleted_by,
    purgedAt: (deleted_at ?? 0) + TRASH_LIFE,
  });
  return [
    ...projects.map(
      (row): TrashItem => ({
        id: row.id,
        kind: 'Project',
        name: row.name,
        project: null,
        ...(within.get(row.id) ?? { secrets: 0, bytes: 0 }),
        ...dated(row),
      }),
    ),
    ...secrets
      .filter(({ deleted_with_project }) => deleted_with_project === 0)
      .map(
        (row): TrashItem => ({
          id: row.id,
          kind: 'Secret',
          name: row.name,
          project: row.project,
          secrets: 1,
          bytes: row.bytes,
          ...dated(row),
        }),
      ),
  ].sort((a, b) => b.deletedAt - a.deletedAt || byText(a.id, b.id));
}

/**
 * Brings a secret, or a project with the secrets that went with it, back to life; under another name where one is
 * given. No machine gets it back by this, and no person by a grant or a scope: those are given anew by those who may (H1).
 * `mayRename` throws where who restores may not give another name; left out, they may.
 * Throws DomainError `NotFound`, `ProjectGone`, `NameTaken`, `QuotaReached`, `Foreign`.
 */
export async function restore(
  act: Act,
  id: string,
  as: string | null,
  mayRename: (of: {
    readonly kind: TrashItem['kind'];
    readonly project: string;
  }) => Promise<unknown> = async () => {},
): Promise<{ readonly id: string; readonly name: string }> {
  const { secret, project } = await inTrash(act, id);
  const former = (secret ?? project).name;
  const name = as ?? former;
  if (name !== former) {
    await mayRename({ kind: secret === null ? 'Project' : 'Secret', project: project.name });
    if (secret === null) await checkProjectUndeclared(act, name);
    else await checkUndeclared(act, project.name, name);
  }
  if (secret !== null) await restoreSecret(act, secret, project, name);
  else await restoreProject(act, project, name);
  return { id, name };
}

async function restoreSecret(
  act: Act,
  secret: SecretTable,
  project: ProjectTable,
  name: string,
): Promise<void> {
  if (project.deleted_at !== null) {
    throw new DomainError({
      code: 'ProjectGone',
      status: 409,
      detail: `The project ${project.name} of this secret is in the trash too.`,
      next: `Restore the project ${project.id} first.`,
    });
  }
  if ((await findSecret(act, project.id, name)) !== undefined) throw taken(`secret ${project.name}/${name}`);
  await act.db
    .updateTable('secrets')
    .set({ name, deleted_at: null, deleted_by: null, revision: act.nextSecretRevision })
    .where('id', '=', secret.id)
    .execute();
  act.movesSecrets();
  await act.audit({
    action: 'secret.restored',
    subject: { kind: 'Secret', key: `${project.name}/${name}` },
    details: { id: secret.id, version: secret.current_version, nameBefore: secret.name },
  });
}

async function restoreProject(act: Act, project: ProjectTable, name: string): Promise<void> {
  if ((await findProject(act, name)) !== undefined) throw taken(`project ${name}`);
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
  if (project.deleted_entry !== null && name === project.name) {
    // What a person gives back needs no answer from Git (rail 7); under another name nothing is given back.
    await act.db
      .deleteFrom('tombstones')
      .where('vault_id', '=', act.vault.id)
      .where('entry', '=', project.deleted_entry)
      .execute();
  }
  await act.audit({
    action: 'project.restored',
    subject: { kind: 'Project', key: name },
    details: {
      id: project.id,
      secrets: secrets.map((secret) => secret.name).sort(byText),
      nameBefore: project.name,
    },
  });
}

/**
 * Destroys what is in the trash: its versions and wrapped keys leave the database. `confirm` says whether its name
 * was typed, and throws where it was not. Throws DomainError `NotFound`.
 */
export async function purge(act: Act, id: string, confirm: (name: string) => void): Promise<void> {
  const { secret, project } = await inTrash(act, id);
  confirm((secret ?? project).name);
  const { count, bytes } = await act.db
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.sum<number | null>('secret_versions.bytes').as('bytes'),
    ])
    .where(secret === null ? 'secrets.project_id' : 'secrets.id', '=', id)
    .executeTakeFirstOrThrow();
  await act.db
    .deleteFrom(secret === null ? 'projects' : 'secrets')
    .where('id', '=', id)
    .execute();
  await storeBytes(act, -(bytes ?? 0));
  const details = { id, versions: count, bytes: bytes ?? 0 };
  // The snapshot said nothing of it any more.
  await act.auditOnly(
    secret === null
      ? { action: 'project.purged', subject: { kind: 'Project', key: project.name }, details }
      : {
          action: 'secret.purged',
          subject: { kind: 'Secret', key: `${project.name}/${secret.name}` },
          details,
        },
    'none',
  );
}

type InTrash = { readonly secret: SecretTable | null; readonly project: ProjectTable };

/** The thing in the trash, with the project of a secret. Throws `NotFound`. */
async function inTrash(act: Act, id: string): Promise<InTrash> {
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

function taken(what: string): DomainError {
  return refuse(
    'NameTaken',
    `There is a ${what} by now.`,
    'Restore this one under another name: send `name`.',
  );
}
