/**
 * Project scopes are kept by project id and spoken by project name: a project that is made later under the
 * name of a deleted one is not in anybody's scope.
 */
import type { ProjectScope } from '#model/organization.ts';

/** Names of the living projects by id. */
export type ProjectNames = ReadonlyMap<string, string>;

/** Order of UTF-16 code units: the same on every machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The stored text of a scope. */
export function idScope(text: string): 'All' | readonly string[] {
  return JSON.parse(text) as 'All' | readonly string[];
}

/** A stored scope as the model has it: projects that are gone fall away. */
export function readScope(scope: 'All' | readonly string[], names: ProjectNames): ProjectScope {
  if (scope === 'All') return 'All';
  return scope
    .flatMap((id) => {
      const name = names.get(id);
      return name === undefined ? [] : [name];
    })
    .sort(byText);
}
