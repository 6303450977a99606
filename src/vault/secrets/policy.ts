/** Under which conditions the value of a secret leaves; all must pass. Pure. */
import { AddressList } from '../common/addresses.ts';
import { isWithin, type TimeWindow } from '../common/time-window.ts';

/** Null: no such condition. */
export interface Policy {
  readonly window: TimeWindow | null;
  /** Ranges of the source addresses that a value may leave to. */
  readonly addresses: readonly string[] | null;
  /** Milliseconds since the epoch; excluded. */
  readonly endsAt: number | null;
  /** Reads of all machines together, in a minute and in a day of UTC, and in all. */
  readonly readsPerMinute: number | null;
  readonly readsPerDay: number | null;
  readonly reads: number | null;
}

/** Which condition kept a value back. */
export type PolicyRefusal = 'PolicyWindow' | 'PolicyAddress' | 'PolicyRate' | 'PolicyOver';

/** Reads that were counted. */
export interface Counters {
  /** The minute since the epoch that `minute_reads` are of; the day likewise. */
  readonly minute: number;
  readonly minute_reads: number;
  readonly day: number;
  readonly day_reads: number;
  readonly reads: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const NO_READS: Counters = { minute: 0, minute_reads: 0, day: 0, day_reads: 0, reads: 0 };

/** Whether reads are counted, so that each one has to be written down before its value leaves. */
function isMetered({ readsPerMinute, readsPerDay, reads }: Policy): boolean {
  return readsPerMinute !== null || readsPerDay !== null || reads !== null;
}

/** A policy out of its column, ready to be asked at every read for what needs no counting. */
export class PolicyGate {
  readonly policy: Policy;
  readonly isMetered: boolean;
  readonly #addresses: AddressList | null;

  constructor(conditions: string) {
    this.policy = JSON.parse(conditions) as Policy;
    this.isMetered = isMetered(this.policy);
    const { addresses } = this.policy;
    this.#addresses = addresses === null ? null : new AddressList(addresses);
  }

  /** Why a value may not leave to this source address at this moment (milliseconds); null: nothing forbids it. */
  refuses(source: string, now: number): PolicyRefusal | null {
    const { endsAt, window } = this.policy;
    if (endsAt !== null && endsAt <= now) return 'PolicyOver';
    if (this.#addresses !== null && !this.#addresses.has(source)) return 'PolicyAddress';
    return window === null || isWithin(window, now) ? null : 'PolicyWindow';
  }
}

/** The counters with those that are of another minute or day than this moment's at nought. */
export function countersAt(counters: Counters, now: number): Counters {
  const [minute, day] = [Math.floor(now / MINUTE), Math.floor(now / DAY)];
  return {
    minute,
    minute_reads: counters.minute === minute ? counters.minute_reads : 0,
    day,
    day_reads: counters.day === day ? counters.day_reads : 0,
    reads: counters.reads,
  };
}

/** Counts one read at this moment, or says why there is none left. A read that is refused is not counted. */
export function countRead(policy: Policy, counters: Counters, now: number): Counters | PolicyRefusal {
  const at = countersAt(counters, now);
  const isLeft = (cap: number | null, used: number): boolean => cap === null || used < cap;
  if (!isLeft(policy.reads, at.reads)) return 'PolicyOver';
  if (!isLeft(policy.readsPerMinute, at.minute_reads) || !isLeft(policy.readsPerDay, at.day_reads)) {
    return 'PolicyRate';
  }
  return {
    ...at,
    minute_reads: at.minute_reads + 1,
    day_reads: at.day_reads + 1,
    reads: at.reads + 1,
  };
}
