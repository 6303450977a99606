/**
 * Requests of one identity (V7), counted after it proved itself, so that nobody uses up the rate of another. Each
 * server process counts for itself: what is guarded is its own time.
 *
 * Decides V7: how many requests an identity makes.
 */

export interface Rate {
  /** Sustained. */
  readonly perSecond: number;
  /** Requests that may come at once after a quiet time. */
  readonly burst: number;
}

export interface Rates {
  readonly people: Rate;
  readonly automation: Rate;
  readonly machine: Rate;
}

/** One identity alone cannot keep a core busy for long; an SDK that starts, and an operator's pass, stay far below. */
export const DEFAULT_RATES: Rates = {
  people: { perSecond: 50, burst: 1000 },
  automation: { perSecond: 100, burst: 2000 },
  machine: { perSecond: 1000, burst: 20_000 },
};

interface Bucket {
  left: number;
  at: number;
}

/** Identities remembered; beyond it the one that was quiet longest is forgotten, which gives it its burst back. */
const REMEMBERED = 50_000;

/** A bucket of `burst` for each identity, filled at the rate. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Null where the request may pass; otherwise the seconds until the next one may, at least 1. `now`: milliseconds. */
  take(identity: string, now: number): number | null {
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(identity);
    // A clock that goes back fills nothing.
    const gone = bucket === undefined ? 0 : Math.max(0, now - bucket.at) / 1000;
    const left = bucket === undefined ? burst : Math.min(burst, bucket.left + gone * perSecond);
    // Taken out and put back: the order of the map is that of the last request.
    this.#buckets.delete(identity);
    this.#buckets.set(identity, { left: left >= 1 ? left - 1 : left, at: now });
    if (this.#buckets.size > REMEMBERED) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    return left >= 1 ? null : Math.max(1, Math.ceil((1 - left) / perSecond));
  }
}
