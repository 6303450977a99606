/**
 * Values as people bring them in (V8). Nobody reads them here.
 *
 * Decides V8: how people bring values in.
 */
import type { Kysely } from 'kysely';
import type { Secret } from '#model/organization.ts';
import type { SecretValue } from '#model/secret-value.ts';
import type { Act, AuditRecord } from '../act/context.ts';
import { requireNewSecretName } from '../act/new-name.ts';
import { refuse, sealed } from '../common/domain-error.ts';
import { SealedError } from '../crypto/secret-cipher.ts';
import { afterSecret, listByProject, type PageQuery } from '../http/page.ts';
import { clearTombstones } from '../managed/tombstones.ts';
import { projectNamed } from '../projects/projects.ts';
import type { Database } from '../store/schema.ts';
import { findSecret, GENERATED, type SecretContent, setSecret, type VersionOrigin } from './secrets.ts';

/** What a version may hold, in characters; a Kubernetes Secret holds a mebibyte in all. */
export const LARGEST_VALUE = 256 * 1024;

/**
 * Stores a new version of a secret, making the secret where there is none of that name; the old versions
 * stay. A name that was deleted is given back by that (rail 7). Throws DomainError `NotFound`, `Invalid`, `NameTaken` (an id of another), `QuotaReached`, `Sealed`.
 */
export async function setByPerson(
  act: Act,
  projectName: string,
  name: string,
  content: SecretContent,
  origin?: VersionOrigin,
): Promise<{ readonly id: string; readonly version: number }> {
  const project = await projectNamed(act, projectName);
  const isNew = (await findSecret(act, project.id, name)) === undefined;
  const { isConfiguration, ...stored } = await unsealed(() => setSecret(act, project, name, content, origin));
  const record: AuditRecord = {
    action: isNew ? 'secret.created' : 'secret.value-set',
    subject: { kind: 'Secret', key: `${projectName}/${name}` },
    details: { ...stored, ...(origin === GENERATED ? { generated: true } : {}) },
  };
  // A new secret is configuration; a new version of one that is there has a revision of its own (V1).
  if (isConfiguration) await act.audit(record);
  else await act.auditOnly(record, 'secrets');
  if (isNew) await clearTombstones(act, { kind: 'Project', key: projectName }, ['SecretDeleted'], [name]);
  return stored;
}

/** The same for a secret that must be new. Throws DomainError `NameTaken` besides. */
export async function createByPerson(
  act: Act,
  projectName: string,
  name: string,
  content: SecretContent,
  origin?: VersionOrigin,
): Promise<{ readonly id: string; readonly version: number }> {
  await requireNewSecretName(act, await projectNamed(act, projectName), name);
  return setByPerson(act, projectName, name, content, origin);
}

/** Throws DomainError `Sealed` where the values cannot be opened or stored. */
export async function unsealed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SealedError ? sealed(error.message) : error;
  }
}

/** Throws DomainError `Invalid` where a structured secret has no field, or one twice. */
export function fieldsOf(
  fields: readonly (readonly [string, SecretValue])[],
): ReadonlyMap<string, SecretValue> {
  const content = new Map(fields);
  if (content.size === 0) throw refuse('Invalid', 'A structured secret has at least one field.');
  if (content.size < fields.length) throw refuse('Invalid', 'A field is named twice.');
  return content;
}

const SECRETS = listByProject('secrets');

/**
 * Metadata of the living secrets in these projects (names; null: all), a page of them, sorted by project and name.
 * Throws DomainError `BadCursor`.
 */
export async function listSecrets(
  db: Kysely<Database>,
  vaultId: string,
  projects: readonly string[] | null,
  query: PageQuery,
): Promise<{ secrets: Secret[]; next: string | null }> {
  const { after, limit } = SECRETS.page(query);
  if (projects?.length === 0) return { secrets: [], next: null };
  const found = await db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select([
      'secrets.id',
      'projects.name as project',
      'secrets.name',
      'secrets.current_version as version',
      'secrets.field_names',
    ])
    .where('secrets.vault_id', '=', vaultId)
    .where('secrets.deleted_at', 'is', null)
    .where('projects.deleted_at', 'is', null)
    .$if(projects !== null, (rows) => rows.where('projects.name', 'in', projects ?? []))
    .$if(after !== null, (rows) => rows.where(afterSecret(after)))
    .orderBy('projects.name')
    .orderBy('secrets.name')
    .limit(limit + 1)
    .execute();
  const { rows, next } = SECRETS.paged(found, limit, ({ project, name }) => [project, name]);
  const secrets = rows.map(({ field_names, ...row }) => ({
    ...row,
    fieldNames: field_names === null ? null : (JSON.parse(field_names) as string[]),
  }));
  return { secrets, next };
}
