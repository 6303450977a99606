/** Decides A4: how a claim is shown. */
import type { Provenance } from './record.ts';

const SHORT_COMMIT = 12;

/**
 * A claim in one line: `commit 1a2b3c4d5e6f of https://git.example/fleet, members/alice.yaml, by Alice`. Null: nothing is
 * claimed that people could follow; who wrote an object last is told where that was beside Git.
 */
export function provenanceText(claim: Provenance): string | null {
  const { commit, repository, path, author, changeUrl, notFromGit, fieldManager, changedAt } = claim;
  const where = [
    commit === undefined ? null : `commit ${shortened(commit)}`,
    repository === undefined ? null : `of ${repository}`,
  ].filter((part) => part !== null);
  const hand = [
    'not from Git',
    ...(fieldManager === undefined ? [] : [`by ${fieldManager}`]),
    ...(changedAt === undefined ? [] : [`at ${changedAt}`]),
  ];
  const parts = [
    notFromGit === true ? hand.join(' ') : null,
    where.length === 0 ? null : where.join(' '),
    path ?? null,
    author === undefined ? null : `by ${author}`,
    changeUrl ?? null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

/** A hash by its first digits; a version or a tag whole. */
function shortened(commit: string): string {
  return /^[0-9a-f]{13,64}$/.test(commit) ? commit.slice(0, SHORT_COMMIT) : commit;
}
