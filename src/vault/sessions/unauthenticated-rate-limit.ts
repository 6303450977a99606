/**
 * What anybody may ask for without an account, counted for each source (V7).
 *
 * Decides V7: what a source may ask for without an account.
 */

import { Lockout } from '../act/lockout.ts';
import { DomainError } from '../common/domain-error.ts';

/** Requests a minute of one source, at each replica. */
const REQUESTS = 60;
const MINUTE = 60_000;

export class UnauthenticatedRateLimit {
  readonly #requests = new Lockout({ failures: REQUESTS, window: MINUTE, lock: MINUTE, remembered: 20_000 });

  /** `now`: milliseconds since the epoch. Throws DomainError `LockedOut` beyond sixty a minute. */
  count(source: string, now: number): void {
    if (this.#requests.isLocked('', source, now)) throw tooMany();
    this.#requests.failed('', source, now);
  }
}

function tooMany(): DomainError {
  return new DomainError({
    code: 'LockedOut',
    status: 429,
    detail: 'Too many requests from this address.',
    next: 'Wait a minute.',
    retryAfter: 60,
  });
}
