import type { Clock } from '#kube/kube.ts';
import type { Enqueue, Priority } from './controller.ts';

/** A key that is due, with what the metrics want to know of its wait. */
export interface Taken {
  readonly key: string;
  readonly priority: Priority;
  readonly waitedMs: number;
}

interface Entry {
  /** Clock time at which it may run. */
  readonly dueAt: number;
  readonly priority: Priority;
}

/**
 * Which key runs next. A key is in it at most once, however often it is added; one that is running
 * is not given out again before `done`, and what was added meanwhile is kept until then. Knows no
 * timers and runs nothing (see worker.ts).
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Entry>();
  readonly #running = new Set<string>();
  readonly #ready: Record<Priority, Map<string, Entry>> = { high: new Map(), low: new Map() };
  /** Keys with a delay, as a binary heap by `dueAt`. May hold entries that were replaced since. */
  readonly #delayed: { key: string; entry: Entry }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys waiting or running. */
  get size(): number {
    let both = 0;
    for (const key of this.#running) if (this.#waiting.has(key)) both += 1;
    return this.#waiting.size + this.#running.size - both;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The earliest of several delays and the higher of several priorities count. */
  add(key: string, how: Enqueue = {}): void {
    const dueAt = this.#clock.now() + Math.max(0, how.afterMs ?? 0);
    const wanted = how.priority ?? 'high';
    const before = this.#waiting.get(key);
    if (before !== undefined && before.dueAt <= dueAt && (before.priority === 'high' || wanted === 'low'))
      return;
    const entry: Entry = {
      dueAt: Math.min(dueAt, before?.dueAt ?? dueAt),
      priority: before?.priority === 'high' ? 'high' : wanted,
    };
    if (before !== undefined) this.#ready[before.priority].delete(key);
    this.#waiting.set(key, entry);
    if (!this.#running.has(key)) this.#place(key, entry);
  }

  /** The next key that is due and not running; it counts as running until `done`. */
  take(): Taken | undefined {
    this.#promote();
    const priority = this.#ready.high.size > 0 ? 'high' : 'low';
    for (const [key, entry] of this.#ready[priority]) {
      this.#ready[priority].delete(key);
      this.#waiting.delete(key);
      this.#running.add(key);
      return { key, priority, waitedMs: Math.max(0, this.#clock.now() - entry.dueAt) };
    }
    return undefined;
  }

  /** The run is over; if the key was added meanwhile it may be taken again. */
  done(key: string): void {
    this.#running.delete(key);
    const entry = this.#waiting.get(key);
    if (entry !== undefined) this.#place(key, entry);
  }

  /** Clock time at which the next key becomes due; 0 when one is due now; undefined when none waits. */
  nextDueAt(): number | undefined {
    if (this.hasReady) return 0;
    return this.#delayed[0]?.entry.dueAt;
  }

  /** Whether a key is due that does not run yet. */
  get hasReady(): boolean {
    this.#promote();
    return this.#ready.high.size + this.#ready.low.size > 0;
  }

  /** How long the oldest due key has waited (milliseconds): 0 when nothing is late. */
  lateMs(): number {
    this.#promote();
    let oldest = Number.POSITIVE_INFINITY;
    for (const ready of [this.#ready.high, this.#ready.low]) {
      // Arrival is not quite the order of due times, but the first of each is never much younger.
      for (const entry of ready.values()) {
        oldest = Math.min(oldest, entry.dueAt);
        break;
      }
    }
    return Number.isFinite(oldest) ? Math.max(0, this.#clock.now() - oldest) : 0;
  }

  #place(key: string, entry: Entry): void {
    if (entry.dueAt <= this.#clock.now()) this.#ready[entry.priority].set(key, entry);
    else this.#push({ key, entry });
  }

  #promote(): void {
    const now = this.#clock.now();
    for (let first = this.#delayed[0]; first !== undefined; first = this.#delayed[0]) {
      const current = this.#waiting.get(first.key) === first.entry && !this.#running.has(first.key);
      if (current && first.entry.dueAt > now) return;
      this.#pop();
      if (current) this.#ready[first.entry.priority].set(first.key, first.entry);
    }
  }

  #push(item: { key: string; entry: Entry }): void {
    const heap = this.#delayed;
    heap.push(item);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLater(parent, at)) return;
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#delayed;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < heap.length && this.#dueAt(right) < this.#dueAt(left) ? right : left;
      if (child >= heap.length || !this.#swapIfLater(at, child)) return;
      at = child;
    }
  }

  #dueAt(index: number): number {
    return this.#delayed[index]?.entry.dueAt ?? Number.POSITIVE_INFINITY;
  }

  #swapIfLater(parent: number, child: number): boolean {
    const upper = this.#delayed[parent];
    const lower = this.#delayed[child];
    if (upper === undefined || lower === undefined || upper.entry.dueAt <= lower.entry.dueAt) return false;
    this.#delayed[parent] = lower;
    this.#delayed[child] = upper;
    return true;
  }
}
