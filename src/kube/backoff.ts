export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Seconds to minutes: reconciles and reconnects (engineering notes, Errors). */
const DEFAULT_BACKOFF: BackoffLimits = { baseMs: 1_000, maxMs: 300_000 };

/**
 * Full jitter: a uniform delay in (0, min(max, base * 2^(failures-1))]. `failures` counts from 1.
 * It spreads a thundering herd better than a fixed delay with some noise on it.
 */
export function backoff(
  failures: number,
  limits: BackoffLimits = DEFAULT_BACKOFF,
  random = Math.random,
): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.max(1, Math.round(ceiling * random()));
}
