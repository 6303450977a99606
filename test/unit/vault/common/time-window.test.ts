import { describe, expect, it } from 'vitest';
import { isTimeZone, isWithin, type TimeWindow } from '#vault/common/time-window.ts';

const office: TimeWindow = { timeZone: 'Europe/Berlin', days: ['Mon', 'Tue'], from: '08:00', to: '18:00' };
const night: TimeWindow = { timeZone: 'UTC', days: ['Fri'], from: '22:00', to: '06:00' };
const allDay: TimeWindow = { timeZone: 'UTC', days: ['Mon'], from: '00:00', to: '00:00' };

describe('a time window', () => {
  it.each([
    // 2026-01-05 is a Monday; Berlin is an hour ahead of UTC in winter and two in summer.
    [office, '2026-01-05T06:59:59Z', false],
    [office, '2026-01-05T07:00:00Z', true],
    [office, '2026-01-05T16:59:59Z', true],
    [office, '2026-01-05T17:00:00Z', false],
    [office, '2026-01-07T10:00:00Z', false],
    [office, '2026-07-06T06:00:00Z', true],
    [office, '2026-07-06T16:00:00Z', false],
    [night, '2026-01-09T21:59:00Z', false],
    [night, '2026-01-09T22:00:00Z', true],
    [night, '2026-01-10T05:59:00Z', true],
    [night, '2026-01-10T06:00:00Z', false],
    [night, '2026-01-10T22:00:00Z', false],
    [allDay, '2026-01-05T00:00:00Z', true],
    [allDay, '2026-01-05T23:59:00Z', true],
    [allDay, '2026-01-06T00:00:00Z', false],
  ])('%o at %s: %s', (window, at, expected) => {
    expect(isWithin(window, Date.parse(at))).toBe(expected);
  });

  it('takes the time zones that there are', () => {
    expect(['Europe/Berlin', 'UTC', 'America/New_York'].every(isTimeZone)).toBe(true);
    expect(['Europe/Nowhere', ''].some(isTimeZone)).toBe(false);
  });
});
