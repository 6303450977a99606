/**
 * How often a machine may poll. Replicas share an identity, and behind one address there may be many of them; an address
 * that polls without end leaves the polls of the others to them. Each server process counts for itself, as `http/rates.ts`.
 *
 * Decides V7: how often a machine polls.
 */
import { type Rate, RateLimit } from '../http/rates.ts';

/** Sixty-four replicas behind one address, each of them every ten seconds. */
const OF_A_SOURCE: Rate = { perSecond: 6.4, burst: 64 };
/** Of the sources that are not known to poll. */
const OF_A_MACHINE: Rate = { perSecond: 500, burst: 64 };

export class PollRates {
  readonly #sources = new RateLimit(OF_A_SOURCE);
  readonly #machines = new RateLimit(OF_A_MACHINE);

  /**
   * Null where the poll may be answered; otherwise the seconds until the next one may. A source that polls again and
   * again has its place whoever else comes by the same identity. `now`: milliseconds since the epoch.
   */
  take(machineId: string, source: string, isRegular: boolean, now: number): number | null {
    const seconds = this.#sources.take(`${machineId} ${source}`, now);
    if (seconds !== null || isRegular) return seconds;
    return this.#machines.take(machineId, now);
  }
}
