/**
 * Which gains are raises: access by which its holder gives access to others, or reaches values. Judged by effective
 * access before and after, so that role, template, scope, grant and group are one way, and a way that comes later needs
 * no line here.
 *
 * Decides rail 2: which access is a raise.
 */
import { type EffectiveAccess, hasCell } from './access.ts';
import { type CellId, cellDefinition } from './capabilities.ts';

/**
 * What a person who had `before` is raised by with `after`: `Admin`, `Machines: Manage`, `Secrets: Manage in all
 * projects`; null: no access.
 */
export function raisesOfPerson(before: EffectiveAccess | null, after: EffectiveAccess | null): string[] {
  if (after === null) return [];
  const had = before ?? NO_ACCESS;
  return [
    ...(isAdmin(after) && !isAdmin(had) ? ['Admin'] : []),
    ...[...after.vault.keys()].filter((cell) => isPrivileged(cell) && !had.vault.has(cell)),
    ...[...after.allProjects.keys()]
      .filter((cell) => !isView(cell) && !had.allProjects.has(cell))
      .map((cell) => `${cell} in all projects`),
    ...machineMakersPlaces(after)
      .filter((place) => !makesMachinesIn(had, place))
      .map((place) => `Machines: Manage with Secrets: Manage in ${place ?? 'all projects'}`),
  ];
}

const NO_ACCESS: EffectiveAccess = { vault: new Map(), allProjects: new Map(), projects: new Map() };

/** By what the role gives, which every other way leaves out: an admin's acts are asked by role, not by cell (O4). */
function isAdmin({ vault, allProjects }: EffectiveAccess): boolean {
  return [...vault.values(), ...allProjects.values()].some((paths) =>
    paths.some((path) => path.via === 'role' && path.role !== 'Member'),
  );
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

function makesMachinesIn(access: EffectiveAccess, place: string | null): boolean {
  return access.vault.has('Machines: Manage') && hasCell(access, 'Secrets: Manage', place ?? undefined);
}
