/** What a delegation that is for some projects alone is told of, where more than the snapshot is asked (V4). */
import type { Kysely } from 'kysely';
import { machineAccessRows } from '../machines/machine-access-rows.ts';
import type { Database } from '../store/schema.ts';

export interface SeenBounds {
  /** Names. */
  readonly projects: ReadonlySet<string>;
  /** Ids. */
  readonly secrets: ReadonlySet<string>;
  /** Ids of those that are in these projects, and in no other. */
  readonly machines: ReadonlySet<string>;
}

/** V4: a delegation for some projects is told of no others, nor of their secrets and machines. */
export async function seenBounds(
  db: Kysely<Database>,
  vaultId: string,
  ids: readonly string[],
): Promise<SeenBounds> {
  if (ids.length === 0) return { projects: new Set(), secrets: new Set(), machines: new Set() };
  const projects = await db
    .selectFrom('projects')
    .select('name')
    .where('vault_id', '=', vaultId)
    .where('id', 'in', ids)
    .execute();
  const secrets = await db.selectFrom('secrets').select('id').where('project_id', 'in', ids).execute();
  const names = new Set(projects.map(({ name }) => name));
  const access = await machineAccessRows(db, { vault: vaultId });
  const elsewhere = new Set(access.flatMap((row) => (names.has(row.project) ? [] : [row.machine_id])));
  return {
    projects: names,
    secrets: new Set(secrets.map(({ id }) => id)),
    machines: new Set(access.map((row) => row.machine_id).filter((id) => !elsewhere.has(id))),
  };
}
