/** Names and ids of living projects: rows refer to them by id, people and Git by name. */
import type { Kysely } from 'kysely';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { ProjectNames } from '../common/scope.ts';
import type { Database } from '../store/schema.ts';

/** Names of the living projects by id. */
export async function projectNames(db: Kysely<Database>, vaultId: string): Promise<ProjectNames> {
  const rows = await db
    .selectFrom('projects')
    .select(['id', 'name'])
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is', null)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Ids of living projects, in the order of the names. Throws `NotFound`, and `Invalid` for a name given twice. */
export async function projectIds(act: Act, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  if (new Set(names).size !== names.length) throw refuse('Invalid', 'A project is named twice.');
  const rows = await act.db
    .selectFrom('projects')
    .select(['id', 'name'])
    .where('vault_id', '=', act.vault.id)
    .where('deleted_at', 'is', null)
    .where('name', 'in', names)
    .execute();
  const ids = new Map(rows.map(({ id, name }) => [name, id]));
  return names.map((name) => {
    const id = ids.get(name);
    if (id === undefined) throw refuse('NotFound', `There is no project ${name}.`);
    return id;
  });
}
