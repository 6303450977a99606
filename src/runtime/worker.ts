import { backoff, type Clock } from '#kube/kube.ts';
import type { Controller, ControllerSpec, Enqueue, Priority } from './controller.ts';
import { type AnyReconcileError, classify } from './errors.ts';
import { WorkQueue } from './queue.ts';
import { type Again, againAfter } from './reconcile.ts';

const CONCURRENCY = 4;
const FAST = { baseMs: 1_000, maxMs: 300_000 };
/** Credentials are mended by people: their Secret's change wakes the key, this is for what nobody sees. */
const SLOW = { baseMs: 60_000, maxMs: 900_000 };

/** Failures in a row of a key, why it failed last, and the clock time at which its back-off runs out. */
interface Failing {
  readonly count: number;
  readonly reason: string;
  readonly until: number;
}

/** How one run ended: `success`, `again` (it asked for another look), or the class of its error. */
type RunResult = 'success' | 'again' | AnyReconcileError['class'];

interface WorkerHooks {
  readonly onRun?: (run: { result: RunResult; ms: number; priority: Priority; waitedMs: number }) => void;
  readonly onError?: (key: string, error: AnyReconcileError, failures: number) => void;
}

export interface WorkerOptions extends WorkerHooks {
  readonly clock: Clock;
  readonly random?: () => number;
}

/** Runs one controller's reconcile over its queue, some keys at once, none twice at once. */
export class Worker implements Controller {
  readonly name: string;
  readonly #spec: ControllerSpec;
  readonly #options: WorkerOptions;
  readonly #queue: WorkQueue;
  readonly #failing = new Map<string, Failing>();
  #signal: AbortSignal | undefined;
  #cancelTimer = () => {};
  #idle: (() => void) | undefined;

  constructor(spec: ControllerSpec, options: WorkerOptions) {
    this.name = spec.name;
    this.#spec = spec;
    this.#options = options;
    this.#queue = new WorkQueue(options.clock);
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** Whether a key is due that does not run yet. */
  get hasReady(): boolean {
    return this.#queue.hasReady;
  }

  /** How long the oldest due key has waited, in milliseconds. */
  get lateMs(): number {
    return this.#queue.lateMs();
  }

  enqueue(key: string, how?: Enqueue): void {
    this.#queue.add(key, how);
    this.#pump();
  }

  /** Begins to run keys; resolves when the signal is aborted and no run is in flight. */
  run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const ended = new Promise<void>((resolve) => {
      const check = () => {
        if (signal.aborted && this.#queue.running === 0) resolve();
      };
      this.#idle = check;
      signal.addEventListener(
        'abort',
        () => {
          this.#cancelTimer();
          check();
        },
        { once: true },
      );
      check();
    });
    this.#spec.onStart?.((key, how) => this.#queue.add(key, how));
    this.#pump();
    return ended;
  }

  #pump(): void {
    const signal = this.#signal;
    if (signal === undefined || signal.aborted) return;
    const limit = this.#spec.concurrency ?? CONCURRENCY;
    while (this.#queue.running < limit) {
      const taken = this.#queue.take();
      if (taken === undefined) break;
      // #runOne settles everything by itself and never rejects.
      void this.#runOne(taken, signal);
    }
    this.#cancelTimer();
    if (this.#queue.running >= limit) return;
    const dueAt = this.#queue.nextDueAt();
    if (dueAt === undefined) return;
    this.#cancelTimer = this.#options.clock.after(Math.max(0, dueAt - this.#options.clock.now()), () =>
      this.#pump(),
    );
  }

  async #runOne(
    { key, priority, waitedMs }: { key: string; priority: Priority; waitedMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const startedAt = performance.now();
    const failing = this.#failing.get(key);
    let result: RunResult;
    try {
      const outcome = await this.#spec.reconcile(key, { signal, failures: failing?.count ?? 0 });
      this.#failing.delete(key);
      result = 'success';
      if (outcome?.againAfterMs !== undefined) {
        result = 'again';
        this.#queue.add(key, { priority: 'low', afterMs: outcome.againAfterMs });
      }
    } catch (thrown) {
      const error = classify(thrown, signal);
      result = error.class;
      this.#fail(key, error, this.#counted(failing, error), priority);
    }
    this.#options.onRun?.({ result, ms: performance.now() - startedAt, priority, waitedMs });
    this.#queue.done(key);
    this.#pump();
    this.#idle?.();
  }

  /**
   * Failures in a row with this one. The same that came before the back-off had run out was brought by news of something else,
   * and says nothing new: else whatever is busy while it fails would wait longest.
   */
  #counted(before: Failing | undefined, { reason }: AnyReconcileError): number {
    if (before === undefined) return 1;
    const isSame = before.reason === reason && this.#options.clock.now() < before.until;
    return isSame ? before.count : before.count + 1;
  }

  #fail(key: string, error: AnyReconcileError, failures: number, priority: Priority): void {
    const { clock, random = Math.random } = this.#options;
    const again = againAfter(error, failures, clock.now(), random);
    if (error.class !== 'Aborted') this.#options.onError?.(key, error, failures);
    const afterMs = waitOf(again, failures, random);
    if (afterMs === null) {
      this.#failing.delete(key);
      return;
    }
    // Where this failure is not counted, the back-off of before still stands.
    const known = this.#failing.get(key);
    const stands = known?.count === failures && again.do !== 'after';
    const until = stands ? known.until : clock.now() + afterMs;
    this.#failing.set(key, { count: failures, reason: error.reason, until });
    if (again.do === 'at-once') this.#queue.add(key, { priority });
    else this.#queue.add(key, { priority: 'low', afterMs: until - clock.now() });
  }
}

/** Milliseconds until the key runs again by itself; null: it does not. */
function waitOf(again: Again, failures: number, random: () => number): number | null {
  switch (again.do) {
    case 'forget':
      return null;
    case 'at-once':
      return 0;
    case 'after':
      return again.ms;
    case 'back-off':
      return backoff(failures, FAST, random);
    case 'back-off-slowly':
      return Math.max(SLOW.baseMs, backoff(failures, SLOW, random));
  }
}
