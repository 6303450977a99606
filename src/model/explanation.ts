/** Effective access as a list: which cell, where, and every path that gave it. Pure. */
import type { AccessPath, EffectiveAccess } from './access.ts';
import type { CellId } from './capabilities.ts';

export interface ExplainedCell {
  readonly cell: CellId;
  /** T3: on the vault, in every project present and future, or in one. */
  readonly where: 'Vault' | 'AllProjects' | 'Project';
  /** Null unless `where` is Project. */
  readonly project: string | null;
  readonly paths: readonly AccessPath[];
}

/** Left out: any. */
export interface Question {
  readonly cell?: CellId | undefined;
  /** Cells on the vault answer it only where `cell` names one. */
  readonly project?: string | undefined;
}

/** What of the access answers the question: vault cells, then those of all projects, then by project. */
export function explained(access: EffectiveAccess, { cell, project }: Question): ExplainedCell[] {
  const answers: ExplainedCell[] = [];
  const add = (
    cells: ReadonlyMap<CellId, readonly AccessPath[]>,
    at: Omit<ExplainedCell, 'cell' | 'paths'>,
  ) => {
    for (const [id, paths] of cells)
      if (cell === undefined || cell === id) answers.push({ cell: id, ...at, paths });
  };
  if (project === undefined || cell !== undefined) add(access.vault, { where: 'Vault', project: null });
  add(access.allProjects, { where: 'AllProjects', project: null });
  for (const [name, cells] of access.projects) {
    if (project === undefined || project === name) add(cells, { where: 'Project', project: name });
  }
  return answers;
}
