/** When something that could not be handed over is tried again. Pure. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Pauses after the first, second, ... failed attempt, in milliseconds; the last one from then on. */
const PAUSES = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR] as const;

/** How long anything is tried, in milliseconds: three days, so that nobody has to act over a weekend. */
export const PATIENCE = 72 * HOUR;

/**
 * How long whoever took something has for it before another may take it, in milliseconds; longer than any
 * attempt lasts.
 */
export const CLAIM = 5 * MINUTE;

/** Milliseconds that one attempt may take in all. */
export const LONGEST_ATTEMPT = 90_000;

export interface Tried {
  readonly createdAt: number;
  /** When it is worth nothing any more; null: never. */
  readonly expiresAt: number | null;
  /** Attempts so far, the failed one included. */
  readonly attempts: number;
}

/** The moment of the next attempt; null: it is given up. */
export function nextAttempt({ createdAt, expiresAt, attempts }: Tried, now: number): number | null {
  const pause = PAUSES[Math.max(0, Math.min(attempts, PAUSES.length) - 1)] ?? 4 * HOUR;
  const end = Math.min(createdAt + PATIENCE, expiresAt ?? Number.POSITIVE_INFINITY);
  const next = now + pause;
  return next < end ? next : null;
}
