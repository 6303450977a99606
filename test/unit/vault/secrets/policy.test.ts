import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Counters,
  countersAt,
  countRead,
  NO_READS,
  type Policy,
  PolicyGate,
} from '#vault/secrets/policy.ts';

const NONE: Policy = {
  window: null,
  addresses: null,
  endsAt: null,
  readsPerMinute: null,
  readsPerDay: null,
  reads: null,
};
const gate = (conditions: Partial<Policy>): PolicyGate =>
  new PolicyGate(JSON.stringify({ ...NONE, ...conditions }));

describe('the conditions of a policy', () => {
  const noon = Date.UTC(2026, 5, 3, 12); // a Wednesday
  const hours = { timeZone: 'UTC', days: ['Wed'], from: '09:00', to: '17:00' } as const;

  it('must all pass, and the first that does not is named', () => {
    const all = gate({ window: hours, addresses: ['10.0.0.0/8'], endsAt: noon + 1 });
    expect(all.refuses('10.1.2.3', noon)).toBeNull();
    expect(all.refuses('11.1.2.3', noon)).toBe('PolicyAddress');
    expect(all.refuses('10.1.2.3', noon - 4 * 3_600_000)).toBe('PolicyWindow');
    expect(all.refuses('10.1.2.3', noon + 1)).toBe('PolicyOver');
    expect(gate({}).refuses('10.1.2.3', noon)).toBeNull();
  });

  it('know the time zone of their window, where the clocks change', () => {
    const berlin = gate({ window: { ...hours, timeZone: 'Europe/Berlin' } });
    expect(berlin.refuses('10.0.0.1', Date.UTC(2026, 5, 3, 7))).toBeNull();
    expect(berlin.refuses('10.0.0.1', Date.UTC(2026, 5, 3, 6, 59))).toBe('PolicyWindow');
    // In December the same hour on the wall is an hour later in UTC.
    expect(berlin.refuses('10.0.0.1', Date.UTC(2026, 11, 2, 7))).toBe('PolicyWindow');
    expect(berlin.refuses('10.0.0.1', Date.UTC(2026, 11, 2, 8))).toBeNull();
  });

  it('meter where they limit reads, and only there', () => {
    expect(gate({ window: hours, addresses: ['::/0'], endsAt: 1 }).isMetered).toBe(false);
    for (const limit of ['readsPerMinute', 'readsPerDay', 'reads'] as const) {
      expect(gate({ [limit]: 1 }).isMetered).toBe(true);
    }
  });
});

describe('reads that a policy counts', () => {
  const cap = fc.option(fc.integer({ min: 1, max: 6 }), { nil: null });
  const limits = fc.record({ readsPerMinute: cap, readsPerDay: cap, reads: cap });
  /** Milliseconds between reads: within a minute, to the next, to the next day. */
  const pause = fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.constant(86_400_000));

  it('are never more than allowed in any minute, any day and in all, and are refused only then', () => {
    fc.assert(
      fc.property(limits, fc.array(pause, { maxLength: 60 }), (given, pauses) => {
        const policy = { ...NONE, ...given };
        let counters: Counters = NO_READS;
        let now = Date.UTC(2026, 0, 1, 23, 59);
        const at: number[] = [];
        for (const milliseconds of pauses) {
          now += milliseconds;
          const within = (unit: number): number =>
            at.filter((time) => Math.floor(time / unit) === Math.floor(now / unit)).length;
          const free = (max: number | null, used: number): boolean => max === null || used < max;
          const inAll = free(given.reads, at.length);
          const inTime =
            free(given.readsPerMinute, within(60_000)) && free(given.readsPerDay, within(86_400_000));
          const counted = countRead(policy, counters, now);
          expect(typeof counted === 'string' ? counted : 'read').toBe(
            inAll ? (inTime ? 'read' : 'PolicyRate') : 'PolicyOver',
          );
          if (typeof counted === 'string') continue;
          counters = counted;
          at.push(now);
          expect(countersAt(counters, now)).toEqual(counters);
        }
        expect(counters.reads).toBe(at.length);
      }),
    );
  });
});
