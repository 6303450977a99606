/**
 * The trash of a vault: what is in it, and the two ways out of it.
 *
 * Decides V8: how long the trash keeps, and the ways out of it.
 */
import { z } from '@hono/zod-openapi';
import { type Kysely, sql } from 'kysely';
import type { Act, AuditRecord } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import { numberKey, PagedList, type PageQuery, textKey } from '../http/page.ts';
import { checkProjectUndeclared } from '../managed/declared-projects.ts';
import { clearTombstones, isCut } from '../managed/tombstones.ts';
import type { Database, ProjectTable, SecretTable } from '../store/schema.ts';
import { checkUndeclared } from './rename.ts';
import { inTrash, reviveProject, reviveSecret } from './revival.ts';
import { storeBytes } from './stored-bytes.ts';

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

const TRASH = new PagedList<readonly [deletedAt: number, kind: TrashItem['kind'], id: string]>(
  'trash',
  z.tuple([numberKey, z.enum(['Secret', 'Project']), textKey]),
);

/**
 * A page of it, newest first, of one moment the projects first; what went with its project is in the item of the
 * project. Throws DomainError `BadCursor`.
 */
export async function listTrash(
  db: Kysely<Database>,
  vaultId: string,
  query: PageQuery,
): Promise<{ items: TrashItem[]; next: string | null }> {
  const { after, limit } = TRASH.page(query);
  const isAfter = (table: 'secrets' | 'projects') => {
    if (after === null) return sql<boolean>`1 = 1`;
    const [moment, kind, id] = after;
    const at = sql.ref(`${table}.deleted_at`);
    const last = (table === 'projects') === (kind === 'Project') ? id : null;
    // Of that moment: the rest of the kind that the page before ended in, and secrets where it ended in projects.
    if (last !== null)
      return sql<boolean>`(${at} < ${moment} or (${at} = ${moment} and ${sql.ref(`${table}.id`)} > ${last}))`;
    return table === 'secrets' ? sql<boolean>`${at} <= ${moment}` : sql<boolean>`${at} < ${moment}`;
  };
  const bytes = sql<number>`coalesce((select sum(secret_versions.bytes) from secret_versions
    where secret_versions.secret_id = secrets.id), 0)`;
  const secrets = await db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select([
      'secrets.id',
      'secrets.name',
      'projects.name as project',
      'secrets.deleted_at',
      'secrets.deleted_by',
      bytes.as('bytes'),
    ])
    .where('secrets.vault_id', '=', vaultId)
    .where('secrets.deleted_at', 'is not', null)
    .where('secrets.deleted_with_project', '=', 0)
    .where(isAfter('secrets'))
    .orderBy('secrets.deleted_at', 'desc')
    .orderBy('secrets.id')
    .limit(limit + 1)
    .execute();
  const projects = await db
    .selectFrom('projects')
    .select(['id', 'name', 'deleted_at', 'deleted_by'])
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is not', null)
    .where(isAfter('projects'))
    .orderBy('deleted_at', 'desc')
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const within = await deletedWithin(
    db,
    projects.map(({ id }) => id),
  );
  const dated = ({ deleted_at, deleted_by }: Pick<SecretTable, 'deleted_at' | 'deleted_by'>) => ({
    deletedAt: deleted_at ?? 0,
    deletedBy: deleted_by,
    purgedAt: (deleted_at ?? 0) + TRASH_LIFE,
  });
  const found = [
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
    ...secrets.map(
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
  ].sort((a, b) => b.deletedAt - a.deletedAt);
  const { rows: items, next } = TRASH.paged(found, limit, ({ deletedAt, kind, id }) => [deletedAt, kind, id]);
  return { items, next };
}

/** Secrets in the trash, and the bytes of their versions, by the project (id) that they are in. */
async function deletedWithin(
  db: Kysely<Database>,
  projectIds: readonly string[],
): Promise<Map<string, { readonly secrets: number; readonly bytes: number }>> {
  if (projectIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('secrets')
    .leftJoin('secret_versions', 'secret_versions.secret_id', 'secrets.id')
    .select(({ fn }) => [
      'secrets.project_id',
      fn.count<number>('secrets.id').distinct().as('secrets'),
      sql<number>`coalesce(sum(secret_versions.bytes), 0)`.as('bytes'),
    ])
    .where('secrets.project_id', 'in', projectIds)
    .where('secrets.deleted_at', 'is not', null)
    .groupBy('secrets.project_id')
    .execute();
  return new Map(rows.map(({ project_id, secrets, bytes }) => [project_id, { secrets, bytes }]));
}

/**
 * Brings a secret, or a project with the secrets that went with it, back to life; under another name where one is
 * given. No machine gets it back by this, and no person by a grant or a scope: those are given anew by those who may (H1).
 * `mayRename` throws where who restores may not give another name; left out, they may.
 * Throws DomainError `NotFound`, `ProjectGone`, `Invalid`, `NameTaken`, `QuotaReached`, `Foreign`.
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
  await reviveSecret(act, secret, project, name).catch(askForAnother);
  await act.audit({
    action: 'secret.restored',
    subject: { kind: 'Secret', key: `${project.name}/${name}` },
    details: { id: secret.id, version: secret.current_version, nameBefore: secret.name },
  });
  await clearTombstones(act, { kind: 'Project', key: project.name }, ['SecretDeleted'], [name]);
}

async function restoreProject(act: Act, project: ProjectTable, name: string): Promise<void> {
  const secrets = await reviveProject(act, project, name).catch(askForAnother);
  if (project.deleted_entry !== null && name === project.name) {
    // What a person gives back needs no answer from Git (rail 7); under another name nothing is given back. Nobody has
    // anything by it yet, so that what is final stays so.
    await act.db
      .deleteFrom('tombstones')
      .where('vault_id', '=', act.vault.id)
      .where('entry', '=', project.deleted_entry)
      // A secret that was purged meanwhile is not back.
      .where('act', '!=', 'SecretDeleted')
      .where('final', '=', 0)
      .execute();
  }
  await act.audit({
    action: 'project.restored',
    subject: { kind: 'Project', key: name },
    details: { id: project.id, secrets: [...secrets], nameBefore: project.name },
  });
  await clearTombstones(act, { kind: 'Project', key: name }, ['ProjectDeleted']);
  await clearTombstones(act, { kind: 'Project', key: name }, ['SecretDeleted'], secrets);
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
  const record: AuditRecord =
    secret === null
      ? { action: 'project.purged', subject: { kind: 'Project', key: project.name }, details }
      : {
          action: 'secret.purged',
          subject: { kind: 'Secret', key: `${project.name}/${secret.name}` },
          details,
        };
  // Of what no cut names the snapshot said nothing any more; of the rest, that it can be restored (rail 7).
  if (await isCut(act, id)) await act.audit(record);
  else await act.auditOnly(record, 'none');
}

const OF_THE_NAME: readonly string[] = ['NameTaken', 'Invalid'];

/** Why the name that it had cannot be given again, with what to do about it here. Throws it. */
function askForAnother(error: unknown): never {
  if (!(error instanceof DomainError) || !OF_THE_NAME.includes(error.code)) throw error;
  const { code, status, detail } = error;
  throw new DomainError({ code, status, detail, next: 'Restore it under another name: send `name`.' });
}
