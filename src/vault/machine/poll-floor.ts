/** No faster than every 10 s, counted per (machine, source address) since replicas share an identity. */

const FLOOR = 10_000;
/** What a timer and a network may take off an interval of exactly ten seconds. */
const JITTER = 500;

export class PollFloor {
  readonly #last = new Map<string, number>();

  /** Whether a poll may be answered now; only one that may counts. */
  admits(machineId: string, source: string, now: number): boolean {
    const pair = `${machineId} ${source}`;
    const last = this.#last.get(pair);
    if (last !== undefined && now - last < FLOOR - JITTER) return false;
    this.#last.delete(pair);
    this.#last.set(pair, now);
    this.#forget(now);
    return true;
  }

  /** Takes back the poll that was admitted last. */
  withdraw(machineId: string, source: string): void {
    this.#last.delete(`${machineId} ${source}`);
  }

  /** Insertion order is time order, so what is stale stands in front. */
  #forget(now: number): void {
    for (const [pair, last] of this.#last) {
      if (now - last < FLOOR) return;
      this.#last.delete(pair);
    }
  }
}
