/**
 * Lock-out after repeated failed authentications, per (identity, source address), so that a forger
 * elsewhere cannot lock a machine out (V7). In memory: a restart forgives, which costs an attacker more
 * than it gives.
 */
export interface LockoutLimits {
  /** Failures within `window` that lock. */
  readonly failures: number;
  /** Milliseconds. */
  readonly window: number;
  /** Milliseconds from the last failure that counted. */
  readonly lock: number;
  /** Pairs remembered; beyond it the oldest is forgotten, so that invented names fill no memory. */
  readonly remembered: number;
}

const LIMITS: LockoutLimits = { failures: 10, window: 60_000, lock: 60_000, remembered: 20_000 };

interface Tally {
  failures: number;
  /** When the window of these failures began, and when the last one came. */
  since: number;
  last: number;
}

export class Lockout {
  readonly #limits: LockoutLimits;
  readonly #tallies = new Map<string, Tally>();

  constructor(limits: LockoutLimits = LIMITS) {
    this.#limits = limits;
  }

  isLocked(identity: string, source: string, now: number): boolean {
    const tally = this.#tallies.get(key(identity, source));
    if (tally === undefined || tally.failures < this.#limits.failures) return false;
    return now - tally.last < this.#limits.lock;
  }

  failed(identity: string, source: string, now: number): void {
    const pair = key(identity, source);
    const tally = this.#tallies.get(pair);
    if (tally !== undefined && now - tally.since < this.#limits.window) {
      tally.failures += 1;
      tally.last = now;
      return;
    }
    this.#tallies.delete(pair);
    this.#tallies.set(pair, { failures: 1, since: now, last: now });
    if (this.#tallies.size > this.#limits.remembered) {
      const oldest = this.#tallies.keys().next();
      if (!oldest.done) this.#tallies.delete(oldest.value);
    }
  }

  succeeded(identity: string, source: string): void {
    this.#tallies.delete(key(identity, source));
  }
}

function key(identity: string, source: string): string {
  return `${identity} ${source}`;
}
