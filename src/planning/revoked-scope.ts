/**
 * Rail 7 for project scopes: what a person took out of one is not given back by itself.
 *
 * Decides rail 7: the same for the projects of a scope.
 */

import type { ProjectScope } from '#model/organization.ts';
import { addedProjects, type GivenAccess } from '#model/revocations.ts';
import type { StandingRevocations } from './standing-revocations.ts';

/**
 * The declared scope without the projects that a cut stands over. Where it may reach any project, it stays as it is
 * until the newest cut is named. `given`: what one project more (null: any) gives.
 */
export function scopeWithoutRevocations<Scope extends ProjectScope | null>(
  revocations: StandingRevocations,
  { before, declared }: { readonly before: Scope; readonly declared: Scope },
  given: (project: string | null) => GivenAccess,
): Scope | readonly string[] {
  const added = addedProjects(declared, before);
  if (added === 'All') return revocations.keepBack(given(null)) ? before : declared;
  const keptBack = new Set(added.filter((project) => revocations.keepBack(given(project))));
  if (keptBack.size === 0 || declared === null || declared === 'All') return declared;
  return (declared as readonly string[]).filter((project) => !keptBack.has(project));
}
