import { backoff, type Clock } from '#kube/kube.ts';
import type { Controller, ControllerSpec, Enqueue, Priority } from './controller.ts';
import { type AnyReconcileError, classify } from './errors.ts';
import { WorkQueue } from './queue.ts';
import { againAfter } from './reconcile.ts';

const CONCURRENCY = 4;
const FAST = { baseMs: 1_000, maxMs: 300_000 };
/** Credentials are mended by people: their Secret's change wakes the key, this is for what nobody sees. */
const SLOW = { baseMs: 60_000, maxMs: 900_000 };

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
  readonly #failures = new Map<string, number>();
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
    const failures = this.#failures.get(key) ?? 0;
    let result: RunResult;
    try {
      const outcome = await this.#spec.reconcile(key, { signal, failures });
      this.#failures.delete(key);
      result = 'success';
      if (outcome?.againAfterMs !== undefined) {
        result = 'again';
        this.#queue.add(key, { priority: 'low', afterMs: outcome.againAfterMs });
      }
    } catch (thrown) {
      const error = classify(thrown, signal);
      result = error.class;
      this.#fail(key, error, failures + 1, priority);
    }
    this.#options.onRun?.({ result, ms: performance.now() - startedAt, priority, waitedMs });
    this.#queue.done(key);
    this.#pump();
    this.#idle?.();
  }

  #fail(key: string, error: AnyReconcileError, failures: number, priority: Priority): void {
    const random = this.#options.random ?? Math.random;
    const again = againAfter(error, failures, this.#options.clock.now(), random);
    if (again.do === 'forget') this.#failures.delete(key);
    else this.#failures.set(key, failures);
    if (error.class !== 'Aborted') this.#options.onError?.(key, error, failures);
    switch (again.do) {
      case 'forget':
        return;
      case 'at-once':
        this.#queue.add(key, { priority });
        return;
      case 'after':
        this.#queue.add(key, { priority: 'low', afterMs: again.ms });
        return;
      case 'back-off':
        this.#queue.add(key, { priority: 'low', afterMs: backoff(failures, FAST, random) });
        return;
      case 'back-off-slowly':
        this.#queue.add(key, {
          priority: 'low',
          afterMs: Math.max(SLOW.baseMs, backoff(failures, SLOW, random)),
        });
        return;
    }
  }
}
