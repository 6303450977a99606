/**
 * Rail 7 for project scopes: what a person took out of one is not given back by itself.
 *
 * Decides rail 7: the same for the projects of a scope.
 */
import { addedProjects, type Given, standingCut } from '#model/cuts.ts';
import type { ProjectScope } from '#model/organization.ts';
import type { Tombstone } from '#model/record.ts';

interface ScopeInput<Scope extends ProjectScope | null> {
  readonly before: Scope;
  readonly declared: Scope;
  readonly reinstate: string | null;
}

/**
 * The declared scope without the projects that a cut stands over and `reinstate` does not name. Where it may reach
 * any project, it stays as it is until the newest cut is named. `given`: what one project more (null: any) gives.
 */
export function scopeWithoutCuts<Scope extends ProjectScope | null>(
  tombstones: readonly Tombstone[],
  { before, declared, reinstate }: ScopeInput<Scope>,
  given: (project: string | null) => Given,
): {
  readonly scope: Scope | readonly string[];
  readonly leftOut: Tombstone[];
  readonly reinstated: string | null;
} {
  const added = addedProjects(declared, before);
  const leftOut = new Map<string, Tombstone>();
  let reinstated: string | null = null;
  const isCut = (project: string | null): boolean => {
    const cut = standingCut(tombstones, given(project));
    if (cut === undefined) return false;
    if (cut.entry === reinstate) reinstated = cut.entry;
    else leftOut.set(cut.entry, cut);
    return cut.entry !== reinstate;
  };
  let scope: Scope | readonly string[] = declared;
  if (added === 'All') {
    if (isCut(null)) scope = before;
  } else {
    const cut = new Set(added.filter(isCut));
    if (cut.size > 0 && declared !== null && declared !== 'All') {
      scope = (declared as readonly string[]).filter((project) => !cut.has(project));
    }
  }
  return { scope, leftOut: [...leftOut.values()], reinstated };
}
