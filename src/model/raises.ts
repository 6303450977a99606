/**
 * Which gains are raises: access by which its holder gives access to others, or reaches values. Judged by effective
 * access before and after, so that role, template, scope, grant and group are one way, and a way that comes later needs
 * no line here.
 *
 * Decides rail 2: which access is a raise.
 */
import { cellUntil, type EffectiveAccess, NO_ACCESS, untilOf } from './access.ts';
import { type CellId, cellDefinition } from './capabilities.ts';

/**
 * What a person who had `before` is raised by with `after`: `Admin`, `Machines: Manage`, `Secrets: Manage in all
 * projects`; null: no access. What is held longer than before is a raise too (M5).
 */
export function raisesOfPerson(before: EffectiveAccess | null, after: EffectiveAccess | null): string[] {
  if (after === null) return [];
  const had = before ?? NO_ACCESS;
  return [
    ...(adminUntil(after) > adminUntil(had) ? ['Admin'] : []),
    ...[...after.vault.keys()].filter((cell) => isPrivileged(cell) && isLonger(after.vault, had.vault, cell)),
    ...[...after.allProjects.keys()]
      .filter((cell) => !isView(cell) && isLonger(after.allProjects, had.allProjects, cell))
      .map((cell) => `${cell} in all projects`),
    ...machineMakersPlaces(after)
      .filter((place) => makesMachinesUntil(after, place) > makesMachinesUntil(had, place))
      .map((place) => `Machines: Manage with Secrets: Manage in ${place ?? 'all projects'}`),
  ];
}

type Cells = EffectiveAccess['vault'];

function isLonger(after: Cells, before: Cells, cell: CellId): boolean {
  return untilOf(after.get(cell)) > untilOf(before.get(cell));
}

/** By what the role gives, which every other way leaves out: an admin's acts are asked by role, not by cell (O4). */
function adminUntil({ vault, allProjects }: EffectiveAccess): number {
  const paths = [...vault.values(), ...allProjects.values()].flat();
  return untilOf(paths.filter((path) => path.via === 'role' && path.role !== 'Member'));
}

/** Everything vault-wide but what shows no more than the vault's own lists, and making a project, which is empty. */
function isPrivileged(cell: CellId): boolean {
  return !isView(cell) && cell !== 'Projects: Create';
}

function isView(id: CellId): boolean {
  const cell = cellDefinition(id)?.cell;
  return cell === 'View' || cell === 'View members';
}

/** Projects in which they could make a machine that reads values (H1); null: all. */
function machineMakersPlaces(access: EffectiveAccess): (string | null)[] {
  if (!access.vault.has('Machines: Manage')) return [];
  if (access.allProjects.has('Secrets: Manage')) return [null];
  return [...access.projects].flatMap(([project, cells]) => (cells.has('Secrets: Manage') ? [project] : []));
}

function makesMachinesUntil(access: EffectiveAccess, place: string | null): number {
  const manages = untilOf(access.vault.get('Machines: Manage'));
  return Math.min(manages, cellUntil(access, 'Secrets: Manage', place ?? undefined));
}
