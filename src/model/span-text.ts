/** Spans and counts in words, for texts of what a constant decides. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [
  [DAY, 'a day', 'days'],
  [HOUR, 'an hour', 'hours'],
  [MINUTE, 'a minute', 'minutes'],
  [SECOND, 'a second', 'seconds'],
] as const;
const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `seven days`, `an hour`; of whole seconds, given in milliseconds, in the largest unit that it is whole in. */
export function spanText(milliseconds: number): string {
  for (const [unit, one, many] of UNITS) {
    if (milliseconds < unit || milliseconds % unit !== 0) continue;
    const count = milliseconds / unit;
    return count === 1 ? one : `${inWords(count)} ${many}`;
  }
  return `${milliseconds} milliseconds`;
}

/** `once`, `three times`. */
export function timesText(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${inWords(count)} times`;
}

function inWords(count: number): string {
  return WORDS[count] ?? String(count);
}
