/**
 * Effective access (design §3): baseline + template cells in scope + direct grants + group grants, minus
 * everything while not an active member. Each cell comes with every path that gave it; `explain` prints them.
 *
 * Decides T1: that the scope of a member narrows that of the template.
 * Decides T3: where the cells of a template act.
 * Decides G1: that direct grants and those of groups add up.
 * Decides M1: that nobody has access unless active.
 * Decides M5: that what has ended gives nothing, and how long a path gives.
 * Decides O5: that nobody has access while they have to accept again.
 * Decides I4: that nobody has access while they wait for confirmation.
 */
import {
  ADMIN_BASELINE,
  CELLS,
  type CellDefinition,
  type CellId,
  GRANT_CELLS,
  MEMBER_BASELINE,
  templateCells,
} from './capabilities.ts';
import { type Ending, earlierEnd, ending, hasEnded } from './ends.ts';
import type { GroupGrant } from './groups.ts';
import type {
  Awaited,
  GrantAccess,
  MemberAccess,
  MemberState,
  PermissionTemplate,
  ProjectScope,
  Role,
} from './organization.ts';
import { compareText } from './text-order.ts';

/** What gives a cell, and until when it does: the earliest end on the way to it (M5). */
export type AccessPath = AccessSource & Ending;

type AccessSource =
  | { readonly via: 'role'; readonly role: Role }
  | { readonly via: 'template'; readonly template: string }
  | { readonly via: 'grant'; readonly project: string; readonly access: GrantAccess }
  | {
      readonly via: 'group';
      readonly group: string;
      readonly project: string;
      readonly access: GrantAccess;
    };

type Cells = ReadonlyMap<CellId, readonly AccessPath[]>;

export interface EffectiveAccess {
  /** Vault-wide cells (T3). */
  readonly vault: Cells;
  /** Project cells that hold in every project, present and future. */
  readonly allProjects: Cells;
  /** Project cells by project name, beyond `allProjects`. */
  readonly projects: ReadonlyMap<string, Cells>;
}

type TemplateByName = (name: string) => Pick<PermissionTemplate, 'capabilities' | 'projectScope'> | undefined;

/**
 * The access of a member: nothing unless Active (M1) and awaiting nothing (O5, I4). A template that `templateOf` does
 * not know gives nothing, nor does what has ended by `now` (M5). The owner has every cell everywhere (O4). `groupGrants`
 * are those of the groups that list the member.
 */
export function effectiveAccess(
  member: MemberAccess & { readonly state: MemberState; readonly awaits?: Awaited },
  templateOf: TemplateByName,
  groupGrants: readonly GroupGrant[],
  now: number,
): EffectiveAccess {
  return member.state === 'Active' && member.awaits === undefined
    ? accessWhenActive(member, templateOf, groupGrants, now)
    : NO_ACCESS;
}

export const NO_ACCESS: EffectiveAccess = { vault: new Map(), allProjects: new Map(), projects: new Map() };

/** A time at which nothing has ended: for what a person had, or may come to have, whenever that was. */
export const BEFORE_ALL_ENDS = Number.NEGATIVE_INFINITY;

/** The access that a member has at `now`, once Active: what an invite promises and what an un-suspension gives back. */
export function accessWhenActive(
  member: MemberAccess,
  templateOf: TemplateByName,
  groupGrants: readonly GroupGrant[],
  now: number,
): EffectiveAccess {
  if (hasEnded(member.expiresAt, now)) return NO_ACCESS;
  const vault = new Map<CellId, AccessPath[]>();
  const allProjects = new Map<CellId, AccessPath[]>();
  const projects = new Map<string, Map<CellId, AccessPath[]>>();

  const give = (
    cells: readonly CellDefinition[],
    scope: ProjectScope,
    source: AccessSource,
    expiresAt?: number,
  ): void => {
    if (hasEnded(expiresAt, now)) return;
    const path: AccessPath = { ...source, ...ending(earlierEnd(member.expiresAt, expiresAt)) };
    for (const cell of cells) {
      if (cell.scope === 'vault') add(vault, cell.id, path);
      else if (scope === 'All') add(allProjects, cell.id, path);
      else for (const project of scope) add(within(projects, project), cell.id, path);
    }
  };

  give(baseline(member.role), 'All', { via: 'role', role: member.role });
  if (member.template !== null) {
    const template = templateOf(member.template);
    if (template !== undefined) {
      const scope = narrowed(template.projectScope, member.projectScope);
      const source = { via: 'template', template: member.template } as const;
      give(templateCells(template.capabilities), scope, source, member.templateExpiresAt);
    }
  }
  for (const { project, access, expiresAt } of member.grants) {
    give(GRANT_CELLS[access], [project], { via: 'grant', project, access }, expiresAt);
  }
  for (const { group, project, access, expiresAt } of groupGrants) {
    give(GRANT_CELLS[access], [project], { via: 'group', group, project, access }, expiresAt);
  }
  return { vault, allProjects, projects };
}

/** Whether the access has a cell: vault-wide, or in the named project. */
export function hasCell(access: EffectiveAccess, cell: CellId, project?: string): boolean {
  if (access.vault.has(cell) || access.allProjects.has(cell)) return true;
  return project !== undefined && access.projects.get(project)?.has(cell) === true;
}

/** Until when a cell is held by these paths: the latest of their ends, Infinity without one; 0: by none. */
export function untilOf(paths: readonly Ending[] | undefined): number {
  return (paths ?? []).reduce((latest, { expiresAt }) => Math.max(latest, expiresAt ?? Infinity), 0);
}

/** The same of a cell, vault-wide or in the named project, by whatever gives it there. */
export function cellUntil(access: EffectiveAccess, cell: CellId, project?: string): number {
  const inProject = project === undefined ? undefined : access.projects.get(project)?.get(cell);
  return Math.max(untilOf(access.vault.get(cell)), untilOf(access.allProjects.get(cell)), untilOf(inProject));
}

/** Whether it has the cell anywhere: vault-wide, or in some project. */
export function hasCellAnywhere(access: EffectiveAccess, cell: CellId): boolean {
  return hasCell(access, cell) || [...access.projects.values()].some((cells) => cells.has(cell));
}

/** T1: a member's own scope narrows the template's, never widens it. */
export function narrowed(template: ProjectScope, own: ProjectScope | null): ProjectScope {
  if (own === null || own === 'All') return template;
  if (template === 'All') return own;
  return own.filter((project) => template.includes(project));
}

/** Whether a scope reaches a project that another does not; null: the template's own, the widest there is (T1). */
export function widens(scope: ProjectScope | null, beyond: ProjectScope | null): boolean {
  if (beyond === null || beyond === 'All') return false;
  if (scope === null || scope === 'All') return true;
  return scope.some((project) => !beyond.includes(project));
}

/** Sorted, each project once. */
export function canonicalScope(scope: ProjectScope): ProjectScope {
  return scope === 'All' ? scope : [...new Set(scope)].sort(compareText);
}

function baseline(role: Role): readonly CellDefinition[] {
  switch (role) {
    case 'Owner':
      return CELLS;
    case 'Admin':
      return ADMIN_BASELINE;
    case 'Member':
      return MEMBER_BASELINE;
  }
}

function add(cells: Map<CellId, AccessPath[]>, cell: CellId, path: AccessPath): void {
  const paths = cells.get(cell);
  if (paths === undefined) cells.set(cell, [path]);
  else paths.push(path);
}

function within<V>(maps: Map<string, Map<CellId, V>>, project: string): Map<CellId, V> {
  let cells = maps.get(project);
  if (cells === undefined) {
    cells = new Map();
    maps.set(project, cells);
  }
  return cells;
}
