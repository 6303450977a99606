/** Who has what in an organization, out of its snapshot. Pure. */
import { type AccessPath, effectiveAccess } from '#model/access.ts';
import type { CellId } from '#model/capabilities.ts';
import { type ExplainedCell, explained, type Question } from '#model/explanation.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import { type Log, pathSince } from './path-since.ts';
import type { Since } from './since.ts';

/** A cell with every path that gives it, and since when each does; null: the log does not tell. */
export interface HeldCell extends Omit<ExplainedCell, 'paths'> {
  readonly paths: readonly (AccessPath & { readonly since: Since | null })[];
}

export interface Holder {
  readonly email: string;
  readonly cells: readonly HeldCell[];
}

/** The cells of one member that answer the question, as of now. */
export function cellsOf(
  { templates, groups }: Pick<OrganizationState, 'templates' | 'groups'>,
  member: Member,
  question: Question,
  now: number,
): ExplainedCell[] {
  const templateOf = (name: string) => templates.find((template) => template.name === name);
  return explained(effectiveAccess(member, templateOf, groupGrantsOf(groups, member.email), now), question);
}

/** All members with cells that answer it, sorted by e-mail. */
export function holdersOf(
  state: OrganizationState,
  question: Question,
  only: readonly CellId[] | null,
  now: number,
): { readonly email: string; readonly cells: readonly ExplainedCell[] }[] {
  return state.members.flatMap((member) => {
    const cells = cellsOf(state, member, question, now).filter(
      ({ cell }) => only === null || only.includes(cell),
    );
    return cells.length === 0 ? [] : [{ email: member.email, cells }];
  });
}

/** With since when, as far as the log tells. */
export function withSince(log: Log, email: string, cells: readonly ExplainedCell[]): HeldCell[] {
  return cells.map((one) => ({
    ...one,
    paths: one.paths.map((path) => ({ ...path, since: pathSince(log, email, one.cell, path) })),
  }));
}
