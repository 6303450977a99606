/** Decides A4: which commit the steps of a folder come from. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { claimOf, type Trace, type TracedStep } from '#engine/traced.ts';
import { boundedProvenance } from '#model/claimed-provenance.ts';
import type { Provenance } from '#model/record.ts';
import { type Commit, checkedOut } from '#source/work-tree.ts';
import type { Workspace } from './workspace.ts';

/**
 * The commit of the work tree that has the folder, for each object whose file is as that commit has it; one that is not is
 * not from Git. What annotations of an object claim stays as it is. Of standard input nothing is known.
 */
export function commitTrace(folder: string, { placeOf }: Pick<Workspace, 'placeOf'>): Trace {
  return async (steps) => {
    const commit = folder === '-' ? null : await checkedOut(folder);
    const base = commit === null || (await stat(folder)).isDirectory() ? folder : dirname(folder);
    const traced = steps.map(async (one) => {
      const claim = claimOf(one);
      const known = commit === null ? claim : await committed(commit, one, claim, base, placeOf);
      return [one.step.hash, boundedProvenance(known)] as const;
    });
    return new Map(await Promise.all(traced));
  };
}

async function committed(
  { id, author, repository, pathOf, isAsCommitted }: Commit,
  { step: { source } }: TracedStep,
  claim: Provenance,
  base: string,
  placeOf: Workspace['placeOf'],
): Promise<Provenance> {
  if (source === null) {
    // By this commit, where the file that had it is as committed. Of what came from elsewhere nobody knows by whom it went.
    const { path } = claim;
    const isCommitted = path === undefined ? null : await isAsCommitted(path);
    if (isCommitted === null) return claim;
    return isCommitted ? { commit: id, author, path, repository } : { path, repository, notFromGit: true };
  }
  const { commit, author: named, changeUrl } = source.provenance;
  if (commit !== undefined || named !== undefined || changeUrl !== undefined) return claim;
  const file = placeOf(source.kind, source.namespace, source.name)?.replace(/:\d+$/, '');
  const path = file === undefined ? null : await pathOf(join(base, file));
  return path === null ? { ...claim, notFromGit: true } : { commit: id, author, path, repository };
}
