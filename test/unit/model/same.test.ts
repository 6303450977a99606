import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#model/digest.ts';
import { sameValue } from '#model/same.ts';

describe('two values', () => {
  it('are the same where their canonical JSON is', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    // Mostly alike: two of an own making hardly ever are.
    const pair = fc.oneof(
      fc.tuple(value, value),
      value.map((one) => [one, shuffled(one)] as const),
      fc.tuple(value, value).map(
        ([one, other]) =>
          [
            { a: one, b: [other] },
            { b: [other], a: one },
          ] as const,
      ),
    );
    fc.assert(
      fc.property(pair, ([one, other]) => {
        expect(sameValue(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
      }),
      { numRuns: 1000 },
    );
  });

  it('are the same where one lacks what the other has as undefined', () => {
    expect(sameValue({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameValue({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(sameValue({ a: undefined }, { b: undefined })).toBe(true);
    expect([sameValue({ a: 1 }, {}), sameValue({}, { a: 1 }), sameValue(null, undefined)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(sameValue({ toString: 1 }, {})).toBe(false);
  });
});

/** The same with its keys in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
}
