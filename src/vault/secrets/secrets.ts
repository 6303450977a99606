/**
 * Secrets and their versions (V5, V8). Values enter here and leave by machines only.
 *
 * Decides V8: secrets, their versions and generated values.
 */
import { randomInt } from 'node:crypto';
import type { SecretGenerator } from '#model/fields.ts';
import { SecretValue } from '#model/secret-value.ts';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { requireNewSecretName } from '../act/new-name.ts';
import { refuse } from '../common/domain-error.ts';
import type { WrappedKey } from '../crypto/secret-cipher.ts';
import type { ProjectTable, SecretTable, SecretVersionTable } from '../store/schema.ts';
import { storeBytes } from './stored-bytes.ts';

/** A plain value, or the values of named fields. */
export type SecretContent = SecretValue | ReadonlyMap<string, SecretValue>;

/** Where the value of a version comes from. */
export interface VersionOrigin {
  readonly origin: SecretVersionTable['origin'];
  /** The version that a rollback goes back to. */
  readonly origin_version: number | null;
}

const SET: VersionOrigin = { origin: 'Set', origin_version: null };
export const GENERATED: VersionOrigin = { origin: 'Generated', origin_version: null };

/** A version as it was stored. */
export interface StoredVersion {
  readonly id: string;
  readonly version: number;
  /** What the snapshot says of it changed: it is new, or has other fields. */
  readonly isConfiguration: boolean;
}

export async function findSecret(
  act: Act,
  projectId: string,
  name: string,
): Promise<SecretTable | undefined> {
  return act.db
    .selectFrom('secrets')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** The living secret of a name. Throws `NotFound`. */
export async function secretNamed(act: Act, project: ProjectTable, name: string): Promise<SecretTable> {
  const row = await findSecret(act, project.id, name);
  if (row === undefined) throw refuse('NotFound', `The project ${project.name} has no secret ${name}.`);
  return row;
}

/**
 * Stores a value: the first version of a new secret, or the next of one that is there. The caller writes the
 * audit entry and says that secrets moved. Throws SealedError, `Invalid`, `NameTaken`, `QuotaReached`.
 */
export async function setSecret(
  act: Act,
  project: ProjectTable,
  name: string,
  content: SecretContent,
  origin: VersionOrigin = SET,
): Promise<StoredVersion> {
  requireText(content);
  const fieldNames = content instanceof SecretValue ? null : JSON.stringify([...content.keys()]);
  return storeVersion(act, project, name, { text: textOf(content), fieldNames, origin });
}

/** The next version of a secret, its value as the machine plane hands it out. Throws as `setSecret` does. */
export async function storeVersion(
  act: Act,
  project: ProjectTable,
  name: string,
  {
    text,
    fieldNames,
    origin,
  }: { readonly text: SecretValue; readonly fieldNames: string | null; readonly origin: VersionOrigin },
): Promise<StoredVersion> {
  const existing = await findSecret(act, project.id, name);
  const id = existing?.id ?? act.ids.make('sk');
  const version = (existing?.current_version ?? 0) + 1;
  if (existing === undefined) await requireNewSecretName(act, project, name);
  const current = {
    current_version: version,
    field_names: fieldNames,
    revision: act.nextSecretRevision,
    version_revision: act.nextSecretRevision,
    version_at: act.now,
  };
  if (existing === undefined) {
    await act.db
      .insertInto('secrets')
      .values({
        id,
        vault_id: act.vault.id,
        project_id: project.id,
        name,
        created_at: act.now,
        deleted_at: null,
        deleted_with_project: 0,
        ...current,
      })
      .execute();
  } else {
    await act.db.updateTable('secrets').set(current).where('id', '=', id).execute();
  }
  const key = await projectKey(act, project);
  const bytes = Buffer.byteLength(text.reveal(), 'utf8');
  await act.db
    .insertInto('secret_versions')
    .values({
      secret_id: id,
      version,
      created_at: act.now,
      created_by: actorName(act.actor),
      field_names: fieldNames,
      bytes,
      ...origin,
      ...act.cipher.encrypt(project.id, key, id, text),
    })
    .execute();
  await storeBytes(act, bytes);
  act.movesSecrets();
  return { id, version, isConfiguration: existing?.field_names !== fieldNames };
}

/** V8: a value made by the server, every character uniform over the set. */
export function generate({ length, charset }: SecretGenerator): SecretValue {
  const characters = CHARSETS[charset];
  let text = '';
  for (let index = 0; index < length; index += 1) text += characters.charAt(randomInt(characters.length));
  return new SecretValue(text);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const CHARSETS: Readonly<Record<SecretGenerator['charset'], string>> = {
  Alphanumeric: LETTERS,
  Hex: '0123456789abcdef',
  /** The printable characters but the space. */
  Ascii: String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index)),
};

/** Half of a surrogate pair has no UTF-8: it would be stored as another character. Throws DomainError `Invalid`. */
function requireText(content: SecretContent): void {
  const fields = content instanceof SecretValue ? [['The value', content] as const] : [...content];
  for (const [name, value] of fields) {
    if (value.reveal().isWellFormed()) continue;
    const what = content instanceof SecretValue ? name : `The value of the field ${name}`;
    throw refuse('Invalid', `${what} contains half of a surrogate pair, which is no text.`);
  }
}

/** The machine plane hands a structured secret out as the text of an object with string members. */
function textOf(content: SecretContent): SecretValue {
  if (content instanceof SecretValue) return content;
  const fields = Object.fromEntries([...content].map(([name, value]) => [name, value.reveal()]));
  return new SecretValue(JSON.stringify(fields));
}

/** The project's key; made and kept at its first secret. */
async function projectKey(act: Act, project: ProjectTable): Promise<WrappedKey> {
  const { wrapped_key, root_key_id } = project;
  if (wrapped_key !== null && root_key_id !== null) return { wrapped_key, root_key_id };
  const made = act.cipher.newProjectKey(project.id);
  await act.db.updateTable('projects').set(made).where('id', '=', project.id).execute();
  return made;
}

/** A new secret with a generated value. Throws `Invalid`, `NameTaken`, `QuotaReached`, SealedError. */
export async function createGenerated(
  act: Act,
  project: ProjectTable,
  name: string,
  generator: SecretGenerator,
): Promise<string> {
  await requireNewSecretName(act, project, name);
  const { id } = await setSecret(act, project, name, generate(generator), GENERATED);
  return id;
}
