/**
 * Whether two values are the same JSON, in whatever order their keys are; a key whose value is undefined is absent, and what
 * is absent is the same as what is absent alone. Compared part by part: making the canonical texts of both was half of a plan.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameValue(item, b[index]));
  }
  const [one, other] = [a as Fields, b as Fields];
  const keys = Object.keys(one);
  for (const key of keys) {
    if (!sameValue(one[key], Object.hasOwn(other, key) ? other[key] : undefined)) return false;
  }
  for (const key of Object.keys(other)) {
    if (other[key] !== undefined && !Object.hasOwn(one, key)) return false;
  }
  return true;
}

interface Fields {
  readonly [key: string]: unknown;
}
