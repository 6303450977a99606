import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Counted,
  DEFAULT_GAIN_BUDGETS,
  type GainClass,
  limitOf,
  roomFor,
  roomIn,
} from '#model/gains.ts';

const HOUR = 3_600_000;
const now = 100 * 24 * HOUR;
const invites = (...ages: number[]): Counted<GainClass>[] =>
  ages.map((age) => ({ class: 'invites', units: 1, at: now - age }));
const room = (given: readonly Counted<GainClass>[], gainClass: GainClass = 'invites', budgets = {}) =>
  roomFor({ budgets: { ...DEFAULT_GAIN_BUDGETS, ...budgets }, given, machines: 0 }, gainClass, now);

it('V4: 25 people are invited in an hour, and the next when the first of them is an hour ago', () => {
  expect(room([]).left).toBe(25);
  const hour = invites(...Array.from({ length: 25 }, (_, index) => HOUR - 1000 * (index + 1)));
  expect(room(hour)).toEqual({ left: 0, freeAt: now + 1000, name: 'invitesPerHour' });
  expect(room(hour.slice(1)).left).toBe(1);
});

it('V4: 200 people are invited in a day, however slowly', () => {
  const day = invites(...Array.from({ length: 200 }, (_, index) => 2 * HOUR + index));
  expect(room(day)).toMatchObject({ left: 0, name: 'invitesPerDay' });
  expect(room(day).freeAt).toBe(now + 22 * HOUR - 199);
});

it('V4: no raise without an approval, machines without a bound, and a budget of none has no time at which it goes on', () => {
  expect(room([], 'raises')).toEqual({ left: 0, freeAt: null, name: 'raises' });
  expect(room([], 'machines')).toEqual({ left: null, freeAt: null, name: null });
  expect(room([], 'raises', { raises: 2 }).left).toBe(2);
});

it('V4: keys without a proof are a tenth of the machines of the managers, and ten at least', () => {
  expect(
    [0, 99, 100, 250].map((machines) => limitOf(DEFAULT_GAIN_BUDGETS, 'unprovenKeys', machines)),
  ).toEqual([10, 10, 10, 25]);
  expect(limitOf({ ...DEFAULT_GAIN_BUDGETS, unprovenKeys: 3 }, 'unprovenKeys', 1000)).toBe(3);
});

it('V4: a window never holds more than its limit where each is given only while one is left', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: HOUR }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 8 }),
      (gaps, limit) => {
        const given: Counted<'x'>[] = [];
        const budget = { class: 'x', window: HOUR, limit } as const;
        let at = 0;
        for (const gap of gaps) {
          at += gap;
          const { left, freeAt } = roomIn(budget, given, at);
          if (left > 0) given.push({ class: 'x', units: 1, at });
          else if (freeAt !== null) expect(roomIn(budget, given, freeAt).left).toBeGreaterThan(0);
        }
        for (const { at: end } of given) {
          const within = given.filter((one) => one.at > end - HOUR && one.at <= end);
          expect(within.length).toBeLessThanOrEqual(limit);
        }
      },
    ),
  );
});
