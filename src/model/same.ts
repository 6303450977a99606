import { canonicalJson } from './digest.ts';

/** Whether two values have the same canonical JSON; what is absent is the same as what is absent alone. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}
