/**
 * Access that ends at a time: of a membership, of a template's assignment, of a grant, of a membership of a group. An end is
 * compared with the clock at each decision and never executed, so a clock that was wrong and is put right gives everything
 * back by itself.
 *
 * Decides M5: when an end has come, and which of two holds longer.
 */

/** What may have an end, in milliseconds since the epoch; absent: it has none. It holds before that moment, not at it. */
export interface Ending {
  readonly expiresAt?: number;
}

/** The latest end that there may be, the last millisecond of the year 9999: what RFC 3339 can say. */
export const LATEST_END = 253_402_300_799_999;

/** Whether an end has come; absent: it has none. */
export function hasEnded(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Until when something holds, to be compared by number: Infinity without an end, 0 where the end has come. */
export function heldUntil(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt <= now ? 0 : expiresAt;
}

/** Whether the first end is later than the second, whatever time it is; absent is later than any. */
export function endsLater(one: number | undefined, other: number | undefined): boolean {
  return (one ?? Number.POSITIVE_INFINITY) > (other ?? Number.POSITIVE_INFINITY);
}

/** The end of what lasts as long as both do. */
export function earlierEnd(one: number | undefined, other: number | undefined): number | undefined {
  return endsLater(one, other) ? other : one;
}

/** `{ expiresAt }`, or nothing: an end as a field that is absent where there is none. */
export function ending(expiresAt: number | null | undefined): Ending {
  return expiresAt == null ? {} : { expiresAt };
}

/** For people and for Git: RFC 3339 in UTC, without milliseconds where there are none. */
export function endText(expiresAt: number | undefined): string {
  return expiresAt === undefined ? 'never' : new Date(expiresAt).toISOString().replace('.000Z', 'Z');
}
