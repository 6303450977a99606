import type { CompiledQuery, Kysely } from 'kysely';
import { SealedError, type SecretCipher } from '../crypto/secret-cipher.ts';
import { inChunks } from '../store/chunks.ts';
import type { Database } from '../store/schema.ts';
import type { OpenedSecret, SecretReader } from './calls.ts';
import type { GrantedSecret } from './directory.ts';
import type { HandedVersion } from './poll-memory.ts';
import { MachineRefusal } from './refusal.ts';

/** The store as the calls of the machine plane see it. */
export class StoredSecrets implements SecretReader {
  readonly #reader: Kysely<Database>;
  readonly #cipher: SecretCipher;
  /** The current version of one secret; compiled once, because most requests read one. */
  readonly #versionOfOne: CompiledQuery<StoredVersion>;

  constructor(reader: Kysely<Database>, cipher: SecretCipher) {
    this.#reader = reader;
    this.#cipher = cipher;
    this.#versionOfOne = currentVersions(reader, ['']);
  }

  async isThere(vaultId: string, secretId: string): Promise<boolean> {
    const row = await this.#reader
      .selectFrom('secrets')
      .innerJoin('projects', 'projects.id', 'secrets.project_id')
      .select('secrets.id')
      .where('secrets.id', '=', secretId)
      .where('secrets.vault_id', '=', vaultId)
      .where('secrets.deleted_at', 'is', null)
      .where('projects.deleted_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  async isProject(vaultId: string, projectId: string): Promise<boolean> {
    const row = await this.#reader
      .selectFrom('projects')
      .select('id')
      .where('id', '=', projectId)
      .where('vault_id', '=', vaultId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  async values(secrets: readonly GrantedSecret[]): Promise<readonly OpenedSecret[]> {
    if (secrets.length === 0) return [];
    if (this.#cipher.isSealed) throw new MachineRefusal('Sealed');
    const byId = new Map<string, StoredVersion>();
    for (const ids of inChunks(secrets.map(({ id }) => id))) {
      const { rows } = await this.#reader.executeQuery(this.#versionsOf(ids));
      for (const row of rows) byId.set(row.secret_id, row);
    }
    return secrets.flatMap((secret) => {
      const { id } = secret;
      const row = byId.get(id);
      // Deleted between the look at the grants and now.
      if (row === undefined || row.project_key === null || row.root_key_id === null) return [];
      const projectKey = { wrapped_key: row.project_key, root_key_id: row.root_key_id };
      try {
        const value = this.#cipher.decrypt(row.project_id, projectKey, id, row);
        return [{ ...secret, version: row.version, value }];
      } catch (error) {
        if (error instanceof SealedError) throw new MachineRefusal('Sealed');
        throw error;
      }
    });
  }

  #versionsOf(ids: readonly string[]): CompiledQuery<StoredVersion> {
    return ids.length === 1 ? { ...this.#versionOfOne, parameters: ids } : currentVersions(this.#reader, ids);
  }

  async deliveredVersions(
    machineId: string,
    secretIds: readonly string[],
  ): Promise<ReadonlyMap<string, HandedVersion>> {
    if (secretIds.length === 0) return new Map();
    const rows = await this.#reader
      .selectFrom('machine_polls')
      .select(['secret_id', 'version', 'is_read'])
      .where('machine_id', '=', machineId)
      .where('secret_id', 'in', secretIds)
      .execute();
    return new Map(
      rows.map(({ secret_id, version, is_read }) => [secret_id, { version, isRead: is_read === 1 }]),
    );
  }
}

interface StoredVersion {
  readonly secret_id: string;
  readonly version: number;
  readonly wrapped_key: string;
  readonly sealed: string;
  readonly project_id: string;
  readonly project_key: string | null;
  readonly root_key_id: string | null;
}

/** The ids are its only parameters. */
function currentVersions(reader: Kysely<Database>, ids: readonly string[]): CompiledQuery<StoredVersion> {
  return reader
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select([
      'secret_versions.secret_id',
      'secret_versions.version',
      'secret_versions.wrapped_key',
      'secret_versions.sealed',
      'projects.id as project_id',
      'projects.wrapped_key as project_key',
      'projects.root_key_id',
    ])
    .whereRef('secret_versions.version', '=', 'secrets.current_version')
    .where('secrets.deleted_at', 'is', null)
    .where('secret_versions.secret_id', 'in', ids)
    .compile();
}
