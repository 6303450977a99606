/**
 * The grants that a member has once the plan has run. A grant is an item: one that we applied and that is
 * declared no longer is withdrawn, one that somebody else gave stays, one that a person took away stays away.
 *
 * Decides G1: that a grant goes when its last declaration does.
 */
import { type Given, standingCut } from '#model/cuts.ts';
import { byProject } from '#model/member-access.ts';
import type { Grant, GrantAccess } from '#model/organization.ts';
import type { Tombstone } from '#model/record.ts';

interface GrantsInput {
  readonly declared: ReadonlyMap<string, GrantAccess>;
  readonly observed: readonly Grant[];
  /** What our record says that we applied. */
  readonly applied: readonly Grant[];
  /** Consent to take over: grants that others gave are set to what is declared. */
  readonly adopted: boolean;
  readonly tombstones: readonly Tombstone[];
  /** What the grant of a project gives, by the cuts that stand over it. */
  readonly given: (project: string) => Given;
  readonly reinstate: string | null;
  /** Projects whose object cannot act: what we applied there is kept. */
  readonly undecided: ReadonlySet<string>;
}

interface GrantsOutlook {
  /** All grants of the member then, foreign ones included. */
  readonly grants: readonly Grant[];
  /** Those that are ours then: what the record says. */
  readonly applied: readonly Grant[];
  readonly leftOut: readonly Tombstone[];
  /** Given in the vault by others, and kept. */
  readonly foreign: readonly Grant[];
  readonly withdrawn: readonly Grant[];
  /** The entry that `reinstate` answers, where it made a difference. */
  readonly reinstated: string | null;
}

const LEVEL: Readonly<Record<GrantAccess, number>> = { Read: 1, Write: 2 };

/** G1: the greater of two; Write includes Read. */
export function greater(a: GrantAccess, b: GrantAccess): GrantAccess {
  return LEVEL[a] >= LEVEL[b] ? a : b;
}

export function grantsAfter(input: GrantsInput): GrantsOutlook {
  const grants: Grant[] = [];
  const applied: Grant[] = [];
  const leftOut: Tombstone[] = [];
  const foreign: Grant[] = [];
  const withdrawn: Grant[] = [];
  let reinstated: string | null = null;
  const ours = new Set(input.applied.map(({ project }) => project));
  const observed = new Map(input.observed.map((grant) => [grant.project, grant]));

  for (const project of new Set([...observed.keys(), ...input.declared.keys()])) {
    const has = observed.get(project);
    const declared = input.declared.get(project);
    if (declared === undefined) {
      if (has === undefined) continue;
      if (!ours.has(project)) {
        grants.push(has);
        foreign.push(has);
      } else if (input.undecided.has(project)) {
        grants.push(has);
        applied.push(has);
      } else {
        withdrawn.push(has);
      }
      continue;
    }
    if (has !== undefined && LEVEL[has.access] >= LEVEL[declared]) {
      const keepsForeign = has.access !== declared && !ours.has(project) && !input.adopted;
      if (keepsForeign) {
        grants.push(has);
        foreign.push(has);
      } else {
        grants.push({ project, access: declared });
        applied.push({ project, access: declared });
      }
      continue;
    }
    const cut = standingCut(input.tombstones, input.given(project));
    if (cut !== undefined && cut.entry !== input.reinstate) {
      leftOut.push(cut);
      if (has !== undefined) {
        grants.push(has);
        if (ours.has(project)) applied.push(has);
      }
      continue;
    }
    if (cut !== undefined) reinstated = cut.entry;
    grants.push({ project, access: declared });
    applied.push({ project, access: declared });
  }
  return {
    grants: byProject(grants),
    applied: byProject(applied),
    leftOut,
    foreign: byProject(foreign),
    withdrawn: byProject(withdrawn),
    reinstated,
  };
}
