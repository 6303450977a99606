/**
 * The probability that a value of the one list is larger than one of the other (ties count half): 0.5 where both
 * are alike, whatever their distribution and however far out some values lie (Mann and Whitney 1947).
 */
export function largerWithProbability(one: readonly number[], other: readonly number[]): number {
  let larger = 0;
  for (const a of one) for (const b of other) larger += a > b ? 1 : a === b ? 0.5 : 0;
  return larger / (one.length * other.length);
}
