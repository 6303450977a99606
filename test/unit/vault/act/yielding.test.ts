import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapYielding, sortYielding } from '#vault/act/yielding.ts';
import type { StateParts } from '#vault/reconciliation/organization-state.ts';
import { snapshotText } from '#vault/reconciliation/snapshot-text.ts';

describe('work on all of an organization, yielding to others', () => {
  const items = fc.array(fc.record({ key: fc.nat(20), value: fc.nat() }), { maxLength: 2000, size: 'max' });

  it('sorts as the language does, equal ones in their order', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (all) => {
        const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key;
        expect(await sortYielding(all, byKey)).toEqual(all.toSorted(byKey));
        expect(await mapYielding(all, ({ value }) => value)).toEqual(all.map(({ value }) => value));
      }),
      { numRuns: 30 },
    );
  });

  it('lets others go first while it lasts', async () => {
    let others = 0;
    let isDone = false;
    const looking = (async () => {
      while (!isDone) {
        await setImmediate();
        others += 1;
      }
    })();
    const slow = (item: number): number => {
      const until = performance.now() + 0.1;
      while (performance.now() < until);
      return item;
    };
    await mapYielding(
      Array.from({ length: 1000 }, (_, index) => index),
      slow,
    );
    isDone = true;
    await looking;
    expect(others).toBeGreaterThan(2);
  });

  it('writes the text that JSON.stringify would, but for the last brace, whatever length was expected', async () => {
    const values = fc.dictionary(fc.string(), fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(values, fc.nat(2000), async (value, expected) => {
        fc.pre(Object.keys(value).length > 0);
        const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, () => part]));
        const text = await snapshotText(parts as unknown as StateParts, expected);
        expect(`${Buffer.from(text).toString('utf8')}}`).toBe(JSON.stringify(value));
      }),
    );
  });

  it('grows where a text is longer than was expected', async () => {
    const long = Array.from({ length: 3000 }, (_, index) => `${index} ${'ü'.repeat(200)}`);
    const parts = { members: () => long } as unknown as StateParts;
    const text = Buffer.from(await snapshotText(parts, 10)).toString('utf8');
    expect(text).toBe(JSON.stringify({ members: long }).slice(0, -1));
  });
});
