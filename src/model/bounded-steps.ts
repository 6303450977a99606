/**
 * Which steps change what is of the whole organization, so that no delegation runs them that is bounded to projects: who is
 * in it, who manages what, and what templates give beyond single projects. Plan and vault ask the same functions.
 *
 * Decides V4: which steps are of more than single projects.
 */
import {
  type AccessPath,
  accessWhenActive,
  BEFORE_ALL_ENDS,
  type EffectiveAccess,
  untilOf,
} from './access.ts';
import type { TemplateFields } from './fields.ts';
import type { ManagedKind } from './record.ts';
import type { ActionOf, StepAction } from './step.ts';
import { compareText } from './text-order.ts';

/**
 * Whether the step ends, stays or gives back a membership, or moves its end, which is of the whole organization (M1, M2, M5).
 * An invite that the managers of the delegation sent themselves and nobody accepted (`isOwnInvite`) is none yet.
 */
export function changesMembership(action: StepAction, isOwnInvite: boolean): boolean {
  switch (action.kind) {
    case 'SuspendMember':
    case 'UnsuspendMember':
    case 'RemoveMember':
      return true;
    case 'CancelInvite':
      return !isOwnInvite;
    case 'SetMemberAccess':
      return action.before.expiresAt !== action.after.expiresAt && !isOwnInvite;
    default:
      return false;
  }
}

/** Whether the step changes nothing but who manages a thing that is of more than one project. */
export function isOfWholeRecord({ kind }: StepAction, subject: ManagedKind): boolean {
  return (kind === 'Claim' || kind === 'Release') && subject !== 'Project' && subject !== 'MachineBinding';
}

export type TemplateStep = ActionOf<'CreateTemplate' | 'UpdateTemplate' | 'DeleteTemplate'>;

export function isTemplateStep(action: StepAction): action is TemplateStep {
  const { kind } = action;
  return kind === 'CreateTemplate' || kind === 'UpdateTemplate' || kind === 'DeleteTemplate';
}

/** The first place out of the bound where what whoever holds the template has by it changes; null: there is none. */
export function templateOutside(
  { before, after }: TemplateStep,
  isWithin: (project: string) => boolean,
): string | null {
  return accessOutside(accessByTemplate(before), accessByTemplate(after), isWithin);
}

function accessByTemplate(fields: TemplateFields | null): EffectiveAccess | null {
  if (fields === null) return null;
  const holder = { role: 'Member', template: 't', projectScope: null, grants: [] } as const;
  return accessWhenActive(holder, () => fields, [], BEFORE_ALL_ENDS);
}

/** The places that are no project. */
export const EVERY_PROJECT = 'every project';
export const WHOLE_VAULT = 'what holds in the whole vault';

/** The first place out of the bound where the one access is not the other: a project, or one of the above; null: none. */
export function accessOutside(
  before: EffectiveAccess | null,
  after: EffectiveAccess | null,
  isWithin: (project: string) => boolean,
): string | null {
  return firstDiffering(outerCells(before, isWithin), outerCells(after, isWithin));
}

/** The first key, in the order of texts, under which the two say something else. */
export function firstDiffering(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string | null {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort(compareText);
  return keys.find((key) => before.get(key) !== after.get(key)) ?? null;
}

/**
 * Effective access outside of the bound, by place: cells of the whole vault, of every project, of each project. One
 * function for whatever gives it: role, template, scope, grant, group. Each with its end, so that nobody moves one who may
 * not give or take the cell. What every member has is no part of it.
 */
function outerCells(
  access: EffectiveAccess | null,
  isWithin: (project: string) => boolean,
): Map<string, string> {
  const cells = new Map<string, string>();
  if (access === null) return cells;
  const text = (held: EffectiveAccess['vault']) =>
    [...held]
      .map(([cell, paths]) => `${cell} ${untilOf(paths)}`)
      .sort(compareText)
      .join(',');
  const vaultWide = new Map([...access.vault].filter(([, paths]) => !paths.every(isMembership)));
  if (vaultWide.size > 0) cells.set(WHOLE_VAULT, [...rolesIn(access), text(vaultWide)].join(','));
  if (access.allProjects.size > 0) cells.set(EVERY_PROJECT, text(access.allProjects));
  for (const [project, held] of access.projects) if (!isWithin(project)) cells.set(project, text(held));
  return cells;
}

function isMembership(path: AccessPath): boolean {
  return path.via === 'role' && path.role === 'Member';
}

/** An admin does by role what no cell says (O4). */
function rolesIn({ vault }: EffectiveAccess): string[] {
  const roles = [...vault.values()].flat().flatMap((path) => (path.via === 'role' ? [path.role] : []));
  return [...new Set(roles)].sort(compareText);
}
