/** `who-can CELL [PROJECT]`: people by effective access, and machines, which alone read values. Pure. */
import type { CellId } from '#model/capabilities.ts';
import type { ExplainedCell } from '#model/explanation.ts';
import type { OrganizationState } from '#model/organization.ts';
import { pathText, section } from './explain-text.ts';
import { holdersOf } from './people.ts';

export interface WhoCan {
  readonly cell: CellId;
  /** Null: wherever. */
  readonly project: string | null;
  readonly people: readonly { readonly email: string; readonly cells: readonly ExplainedCell[] }[];
  /** Of `Secrets: View`: machines that read values there; of every other cell none. Null: whoever asks is not told. */
  readonly machines:
    | readonly { readonly machine: string; readonly project: string; readonly secrets: readonly string[] }[]
    | null;
}

export function whoCan(
  state: OrganizationState,
  cell: CellId,
  project: string | undefined,
  now: number,
): WhoCan {
  const readers = state.machines.filter(({ approved, enabled }) => approved && enabled);
  return {
    cell,
    project: project ?? null,
    people: holdersOf(state, { cell, project }, null, now),
    machines:
      cell === 'Secrets: View'
        ? readers.flatMap(({ name, access }) =>
            access
              .filter((one) => one.secrets.length > 0 && (project === undefined || one.project === project))
              .map((one) => ({ machine: name, project: one.project, secrets: one.secrets })),
          )
        : [],
  };
}

export function whoCanText({ cell, project, people, machines }: WhoCan): string {
  const where = project === null ? '' : ` in ${project}`;
  return [
    `${cell}${where}`,
    ...section(
      'People:',
      people.flatMap(({ email, cells }) => [
        email,
        ...cells.flatMap((one) =>
          one.paths.map(
            (path) => `  ${one.where === 'Project' ? `in ${one.project} ` : ''}by ${pathText(path)}`,
          ),
        ),
      ]),
      'nobody.',
    ),
    ...(cell === 'Secrets: View' && machines !== null
      ? section(
          'Machines, which read values:',
          machines.map((one) => `${one.machine}: ${one.secrets.join(', ')} in ${one.project}`),
          'none.',
        )
      : []),
  ].join('\n');
}
