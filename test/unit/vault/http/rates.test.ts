import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '#vault/http/rates.ts';

describe('the rate of one identity (V7)', () => {
  it('a burst passes, then what the rate fills, and the refusal says when the next one may come', () => {
    const limit = new RateLimit({ perSecond: 2, burst: 3 });
    expect([1, 2, 3].map(() => limit.take('a', 1000))).toEqual([null, null, null]);
    expect(limit.take('a', 1000)).toBe(1);
    expect(limit.take('a', 1500)).toBeNull();
    expect(limit.take('a', 1500)).toBe(1);
    expect(limit.take('b', 1500), 'another identity').toBeNull();
  });

  it('of a slow rate the wait is said in whole seconds, and is long enough', () => {
    const limit = new RateLimit({ perSecond: 0.1, burst: 1 });
    expect(limit.take('a', 0)).toBeNull();
    const seconds = limit.take('a', 4000);
    expect(seconds).toBe(6);
    expect(limit.take('a', 4000 + 6000)).toBeNull();
  });

  it('in no time passes more than the burst and what the rate fills in it, whatever the clock does', () => {
    const times = fc.array(fc.integer({ min: -500, max: 2000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (gaps, burst, perSecond) => {
          const limit = new RateLimit({ perSecond, burst });
          let now = 100_000;
          let forward = 0;
          let passed = 0;
          for (const gap of gaps) {
            now += gap;
            forward += Math.max(0, gap);
            if (limit.take('a', now) === null) passed += 1;
          }
          expect(passed).toBeLessThanOrEqual(burst + (forward / 1000) * perSecond + 1e-6);
        },
      ),
    );
  });
});
