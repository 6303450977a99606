/**
 * The versions of a secret (V8): what is known of them beside their values, and the way back to an older one.
 *
 * Decides V8: the way back to an older version.
 */
import type { Kysely } from 'kysely';
import type { Act, AuditRecord } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { projectNamed } from '../projects/projects.ts';
import type { Database, SecretVersionTable } from '../store/schema.ts';
import { secretNamed, storeVersion } from './secrets.ts';

export interface ListedVersion {
  readonly version: number;
  readonly isCurrent: boolean;
  readonly createdAt: number;
  /** Null: it was before this was kept. */
  readonly createdBy: string | null;
  readonly origin: SecretVersionTable['origin'];
  /** The version that a rollback went back to. */
  readonly rolledBackTo: number | null;
  /** Null where it is not structured. */
  readonly fieldNames: readonly string[] | null;
  /** Of its value. */
  readonly bytes: number;
}

/** Newest first. Throws DomainError `NotFound`. */
export async function listVersions(
  db: Kysely<Database>,
  vaultId: string,
  project: string,
  name: string,
): Promise<ListedVersion[]> {
  const rows = await db
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select([
      'secrets.current_version',
      'secret_versions.version',
      'secret_versions.created_at',
      'secret_versions.created_by',
      'secret_versions.origin',
      'secret_versions.origin_version',
      'secret_versions.field_names',
      'secret_versions.bytes',
    ])
    .where('secrets.vault_id', '=', vaultId)
    .where('projects.name', '=', project)
    .where('secrets.name', '=', name)
    .where('secrets.deleted_at', 'is', null)
    .where('projects.deleted_at', 'is', null)
    .orderBy('secret_versions.version', 'desc')
    .execute();
  // A living secret has a version.
  if (rows.length === 0) throw refuse('NotFound', `There is no secret ${name} in a project ${project}.`);
  return rows.map((row) => ({
    version: row.version,
    isCurrent: row.version === row.current_version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    origin: row.origin,
    rolledBackTo: row.origin_version,
    fieldNames: row.field_names === null ? null : (JSON.parse(row.field_names) as string[]),
    bytes: row.bytes,
  }));
}

/**
 * Stores the value of an older version as the next one: numbers only grow, so machines that poll notice, and what
 * was current stays in the history. Throws DomainError `NotFound`, `Invalid`, `QuotaReached`, and SealedError.
 */
export async function rollBack(
  act: Act,
  projectName: string,
  name: string,
  version: number,
): Promise<{ readonly id: string; readonly version: number }> {
  const project = await projectNamed(act, projectName);
  const secret = await secretNamed(act, project, name);
  if (version === secret.current_version) {
    throw refuse('Invalid', `Version ${version} is the current one.`, 'Name an older version.');
  }
  const old = await act.db
    .selectFrom('secret_versions')
    .selectAll()
    .where('secret_id', '=', secret.id)
    .where('version', '=', version)
    .executeTakeFirst();
  const { wrapped_key, root_key_id } = project;
  if (old === undefined || wrapped_key === null || root_key_id === null) {
    throw refuse('NotFound', `${projectName}/${name} has no version ${version}.`, 'List its versions.');
  }
  const { isConfiguration, ...stored } = await storeVersion(act, project, name, {
    text: act.cipher.decrypt(project.id, { wrapped_key, root_key_id }, secret.id, old),
    fieldNames: old.field_names,
    origin: { origin: 'Rollback', origin_version: version },
  });
  const record: AuditRecord = {
    action: 'secret.rolled-back',
    subject: { kind: 'Secret', key: `${projectName}/${name}` },
    details: { ...stored, from: secret.current_version, to: version },
  };
  if (isConfiguration) await act.audit(record);
  else await act.auditOnly(record, 'secrets');
  return stored;
}
