/** What machines may read, out of the tables, as the model has it (H2). */
import type { Kysely } from 'kysely';
import type { MachineProject } from '#model/organization.ts';
import { yieldingRows } from '../act/yielding.ts';
import { grouped } from '../common/grouped.ts';
import { byText } from '../common/scope.ts';
import type { Database } from '../store/schema.ts';

export interface MachineAccessRow {
  readonly machine_id: string;
  readonly project: string;
  /** Null: the machine is in the project; a name: it was granted that secret. */
  readonly secret: string | null;
}

/** One row a project that a machine is in, and one a granted secret; of all machines of a vault, or of some (ids). */
export async function machineAccessRows(
  db: Kysely<Database>,
  of: { readonly vault: string } | { readonly machines: readonly string[] },
): Promise<MachineAccessRow[]> {
  const projects = db
    .selectFrom('machine_projects')
    .innerJoin('projects', 'projects.id', 'machine_projects.project_id')
    .select(['machine_projects.machine_id', 'projects.name as project'])
    .where('projects.deleted_at', 'is', null);
  const secrets = db
    .selectFrom('machine_secrets')
    .innerJoin('secrets', 'secrets.id', 'machine_secrets.secret_id')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select(['machine_secrets.machine_id', 'projects.name as project', 'secrets.name as secret'])
    .where('secrets.deleted_at', 'is', null);
  const [inProjects, granted] =
    'vault' in of
      ? [
          await yieldingRows(db, projects.where('projects.vault_id', '=', of.vault)),
          await yieldingRows(db, secrets.where('projects.vault_id', '=', of.vault)),
        ]
      : [
          await projects.where('machine_projects.machine_id', 'in', of.machines).execute(),
          await secrets.where('machine_secrets.machine_id', 'in', of.machines).execute(),
        ];
  return [...inProjects.map((row) => ({ ...row, secret: null })), ...granted];
}

/** The access of one machine, sorted as the model wants it. */
export function machineAccess(rows: readonly MachineAccessRow[]): MachineProject[] {
  return [...grouped(rows, ({ project }) => project)]
    .map(([project, granted]) => ({
      project,
      secrets: granted.flatMap(({ secret }) => (secret === null ? [] : [secret])).sort(byText),
    }))
    .sort((a, b) => byText(a.project, b.project));
}
