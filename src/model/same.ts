import { canonicalJson } from './digest.ts';

/** Whether two values have the same canonical JSON. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
