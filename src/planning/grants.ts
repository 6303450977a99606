/**
 * The grants that a member has once the plan has run. A grant is an item: one that we applied and that is
 * declared no longer is withdrawn, one that somebody else gave stays, one that a person took away stays away. One that has
 * ended and is not there is not given (M5).
 *
 * Decides G1: that a grant goes when its last declaration does.
 */

import { hasEnded } from '#model/ends.ts';
import { byProject } from '#model/member-access.ts';
import type { Grant, GrantTerms } from '#model/organization.ts';
import type { GivenAccess } from '#model/revocations.ts';
import { covers, isSameGrant, lesser } from './grant-terms.ts';
import type { StandingRevocations } from './standing-revocations.ts';

interface GrantsInput {
  readonly declared: ReadonlyMap<string, GrantTerms>;
  readonly observed: readonly Grant[];
  /** What our record says that we applied. */
  readonly applied: readonly Grant[];
  /** Consent to take over: grants that others gave are set to what is declared. */
  readonly adopted: boolean;
  /** What others gave is taken away (rail 11). */
  readonly exclusive: boolean;
  readonly revocations: StandingRevocations;
  /** What the grant of a project gives, by the cuts that stand over it. */
  readonly given: (project: string) => GivenAccess;
  /** Projects whose object cannot act: what we applied there is kept. */
  readonly undecided: ReadonlySet<string>;
  readonly now: number;
}

interface GrantsOutlook {
  /** All grants of the member then, foreign ones included. */
  readonly grants: readonly Grant[];
  /** Those that are ours then: what the record says. */
  readonly applied: readonly Grant[];
  /** Whether a cut kept back a grant that is declared. */
  readonly isRevoked: boolean;
  /** Given in the vault by others, and kept. */
  readonly foreign: readonly Grant[];
  readonly withdrawn: readonly Grant[];
  /** Whether something that others gave goes. */
  readonly takesForeign: boolean;
}

export function grantsAfter(input: GrantsInput): GrantsOutlook {
  const grants: Grant[] = [];
  const applied: Grant[] = [];
  const foreign: Grant[] = [];
  const withdrawn: Grant[] = [];
  let isRevoked = false;
  let takesForeign = false;
  const ours = new Set(input.applied.map(({ project }) => project));
  const observed = new Map(input.observed.map((grant) => [grant.project, grant]));

  for (const project of new Set([...observed.keys(), ...input.declared.keys()])) {
    const has = observed.get(project);
    const declared = input.declared.get(project);
    if (declared === undefined) {
      if (has === undefined) continue;
      if (input.undecided.has(project)) {
        grants.push(has);
        (ours.has(project) ? applied : foreign).push(has);
      } else if (!ours.has(project)) {
        if (input.exclusive) takesForeign = true;
        else {
          grants.push(has);
          foreign.push(has);
        }
      } else {
        withdrawn.push(has);
      }
      continue;
    }
    if (has !== undefined && hasEnded(has.expiresAt, input.now) && hasEnded(declared.expiresAt, input.now)) {
      // Neither gives anything: another end of it would be another thing given (rail 7), and nothing gained.
      grants.push(has);
      if (ours.has(project)) applied.push(has);
      continue;
    }
    if (has !== undefined && covers(has, declared, input.now)) {
      const isForeign = !isSameGrant(has, declared) && !ours.has(project) && !input.adopted;
      if (isForeign && input.exclusive) takesForeign = true;
      if (isForeign && !input.exclusive) {
        grants.push(has);
        foreign.push(has);
      } else {
        // One that has ended gives nothing, so it raises nothing either.
        const terms = hasEnded(declared.expiresAt, input.now) ? lesser(has, declared) : declared;
        grants.push({ project, ...terms });
        applied.push({ project, ...terms });
      }
      continue;
    }
    if (has === undefined && hasEnded(declared.expiresAt, input.now)) continue;
    if (input.revocations.keepBack(input.given(project))) {
      isRevoked = true;
      if (has !== undefined) {
        grants.push(has);
        if (ours.has(project)) applied.push(has);
      }
      continue;
    }
    grants.push({ project, ...declared });
    applied.push({ project, ...declared });
  }
  return {
    grants: byProject(grants),
    applied: byProject(applied),
    isRevoked,
    foreign: byProject(foreign),
    withdrawn: byProject(withdrawn),
    takesForeign,
  };
}
