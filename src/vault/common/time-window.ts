/** Hours of the week, as a clock on a wall shows them. Pure. */

export const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
export type Day = (typeof DAYS)[number];

export interface TimeWindow {
  /** IANA name: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Days on which the window begins. */
  readonly days: readonly Day[];
  /** `HH:MM`, included. */
  readonly from: string;
  /** `HH:MM`, excluded; not later than `from`: on the next day. */
  readonly to: string;
}

/** Whether there is a time zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether a moment (milliseconds since the epoch) is in the window. */
export function isWithin({ timeZone, days, from, to }: TimeWindow, now: number): boolean {
  const { day, time } = wallClock(timeZone, now);
  const dayBefore = DAYS[(DAYS.indexOf(day) + 6) % 7] as Day;
  if (from < to) return days.includes(day) && time >= from && time < to;
  return (days.includes(day) && time >= from) || (days.includes(dayBefore) && time < to);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string, now: number): { readonly day: Day; readonly time: string } {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    clocks.set(timeZone, clock);
  }
  const parts = new Map(clock.formatToParts(now).map(({ type, value }) => [type, value]));
  return { day: parts.get('weekday') as Day, time: `${parts.get('hour')}:${parts.get('minute')}` };
}
