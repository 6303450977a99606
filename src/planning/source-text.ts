/** How objects are named to people. */
import type { Source } from './plan-types.ts';

export function named(source: Source): string {
  return `${source.kind} ${source.namespace}/${source.name}`;
}

/** The others by name; to an object of another namespace than the Organization's (`own`), by their namespaces alone. */
export function toldTo(own: string, source: Source, others: readonly Source[]): string {
  const isTold = (other: Source): boolean => source.namespace === own || other.namespace === source.namespace;
  const told = others.map((other) => (isTold(other) ? named(other) : `namespace ${other.namespace}`));
  return [...new Set(told)].join(', ');
}
