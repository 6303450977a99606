import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedProvenance, PROVENANCE_LENGTHS } from '#model/claimed-provenance.ts';
import { provenance } from '#protocol/schemas.ts';

const FIELDS = Object.keys(PROVENANCE_LENGTHS) as (keyof typeof PROVENANCE_LENGTHS)[];

/** Near the length of a field, of characters of one unit, of two, halves of such, and what no database stores. */
const text = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'é', '😀', '\ud83d', '\ude00', '\0', '\u001b', '\n', '…'), {
      maxLength: 6,
    }),
    fc.integer({ min: 0, max: 2100 }),
    fc.constantFrom('x', '😀', '\ud83d', '\0'),
  )
  .map(([some, count, filler]) => some.join('') + filler.repeat(count) + some.toReversed().join(''));

const claimed = fc.record(Object.fromEntries(FIELDS.map((field) => [field, text])), { requiredKeys: [] });

describe('what Git tooling claims (A4)', () => {
  test('is what the vault takes, whatever stands on the object', () => {
    fc.assert(
      fc.property(claimed, (claims) => {
        const bounded = boundedProvenance(claims);
        expect(provenance.safeParse(bounded).error).toBeUndefined();
        expect(Object.keys(bounded).sort()).toEqual(Object.keys(claims).sort());
        for (const value of Object.values(bounded)) {
          expect(String(value).isWellFormed()).toBe(true);
          expect(value).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });

  test('stays as it is where it fits, and says where it was cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELDS),
        fc.nat(5),
        fc.constantFrom('x', '😀'),
        (field, more, filler) => {
          const length = PROVENANCE_LENGTHS[field];
          const whole = filler.repeat(length);
          expect(boundedProvenance({ [field]: whole })).toEqual({ [field]: whole });
          const cut = boundedProvenance({ [field]: whole + filler.repeat(more + 1) })[field] ?? '';
          expect([...cut]).toHaveLength(length);
          expect(cut).toMatch(/… \(shortened\)$/);
          expect(whole.startsWith(cut.slice(0, cut.indexOf('…')))).toBe(true);
        },
      ),
    );
  });

  test('is bounded again without a change', () => {
    fc.assert(
      fc.property(claimed, (claims) => {
        const once = boundedProvenance(claims);
        expect(boundedProvenance(once)).toEqual(once);
      }),
    );
  });
});
