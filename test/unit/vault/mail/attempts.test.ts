import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLAIM, LONGEST_ATTEMPT, nextAttempt, PATIENCE } from '#vault/mail/attempts.ts';

describe('the attempts at something that leaves the vault', () => {
  const fresh = { createdAt: 0, expiresAt: null };

  it('come a minute after the first failure, then ever further apart, at most four hours', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((attempts) => nextAttempt({ ...fresh, attempts }, 0));
    expect(pauses.map((pause) => (pause ?? 0) / 60_000)).toEqual([1, 5, 15, 60, 240, 240]);
  });

  it('end after three days, or when what it tells of is over, and never lie in the past', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2 * PATIENCE }),
        fc.option(fc.nat({ max: 2 * PATIENCE })),
        fc.integer({ min: 1, max: 50 }),
        (now, expiresAt, attempts) => {
          const next = nextAttempt({ createdAt: 0, expiresAt, attempts }, now);
          if (next === null) return;
          expect(next).toBeGreaterThan(now);
          expect(next).toBeLessThan(Math.min(PATIENCE, expiresAt ?? PATIENCE));
        },
      ),
    );
    expect(nextAttempt({ ...fresh, attempts: 9 }, PATIENCE - 1)).toBeNull();
    expect(nextAttempt({ createdAt: 0, expiresAt: 30_000, attempts: 1 }, 0)).toBeNull();
  });

  it('last less long than the claim of whoever makes them, so that two never make one at once', () => {
    expect(LONGEST_ATTEMPT).toBeLessThan(CLAIM);
  });
});
