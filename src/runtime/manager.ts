import { type Clock, isAborted, type LeaderElector, type Leadership, systemClock } from '#kube/kube.ts';
import type { Controller, ControllerSpec } from './controller.ts';
import type { Ready } from './health.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { Worker } from './worker.ts';

/** A key that has been due for longer than this makes the process not ready. */
const LATE_MS = 60_000;
/** Runs in flight get this long after the stop; kubelet's default grace period is 30 s. */
const GRACE_MS = 20_000;

/** What the manager needs of a `Watcher` or a `NamespaceSetWatcher`. */
export interface Cache {
  readonly resource: string;
  hasSynced(): boolean;
  readonly lastContactAt: number | undefined;
  onState(handler: () => void): void;
  start(signal: AbortSignal): void;
}

/** Runs controllers: caches first, then the lease, then work. */
export interface Manager {
  /** The cache must be synced before the process is ready or leads. Before `run`. Gives it back. */
  addWatcher<W extends Cache>(watcher: W): W;
  /** Before `run`. */
  addController(spec: ControllerSpec): Controller;
  /** Called when this process leads; the signal is aborted when it no longer does. Before `run`. */
  onLeading(task: (signal: AbortSignal) => void): void;
  readonly isLeader: boolean;
  /** Whether a key of any controller is due that does not run yet: what may wait, waits for it. */
  readonly hasReady: boolean;
  /** For the health server: caches are synced, and the oldest due key is not late. */
  ready(): Ready;
  /**
   * Runs until the signal is aborted (`stopped`) or the lease is lost (`lease-lost`; the process
   * should exit with a code other than 0). Runs in flight are waited for, up to 20 s, before it
   * resolves; the lease is released after them.
   */
  run(signal: AbortSignal): Promise<'stopped' | 'lease-lost'>;
}

export interface ManagerOptions {
  /** Absent: lead without a lease. */
  readonly elector?: LeaderElector | undefined;
  readonly log?: Logger | undefined;
  readonly metrics?: Metrics | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
}

export function createManager(options: ManagerOptions = {}): Manager {
  return new OperatorManager(options);
}

class OperatorManager implements Manager {
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #caches: Cache[] = [];
  readonly #workers: Worker[] = [];
  readonly #tasks: ((signal: AbortSignal) => void)[] = [];
  #leading = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get isLeader(): boolean {
    return this.#leading;
  }

  get hasReady(): boolean {
    return this.#workers.some((worker) => worker.hasReady);
  }

  addWatcher<W extends Cache>(watcher: W): W {
    this.#caches.push(watcher);
    return watcher;
  }

  addController(spec: ControllerSpec): Controller {
    const { metrics, log, random } = this.#options;
    const worker = new Worker(spec, {
      clock: this.#clock,
      ...(random === undefined ? {} : { random }),
      onRun: ({ result, ms, priority, waitedMs }) => {
        metrics?.observeReconcile(spec.name, result, ms);
        metrics?.observeQueueWait(spec.name, priority, waitedMs);
      },
      onError: (key, error, failures) => {
        const fields = { kind: spec.name, key, class: error.class, reason: error.reason, failures };
        if (error.class === 'Bug') log?.error({ ...fields, err: error }, error.publicMessage);
        else log?.warn(withDiagnosis(fields, error.diagnosis), error.publicMessage);
      },
    });
    this.#workers.push(worker);
    return worker;
  }

  onLeading(task: (signal: AbortSignal) => void): void {
    this.#tasks.push(task);
  }

  ready(): Ready {
    const because = this.#caches
      .filter((cache) => !cache.hasSynced())
      .map((cache) => `the cache of ${cache.resource} is not synced`);
    if (this.#leading) {
      for (const worker of this.#workers) {
        if (worker.lateMs > LATE_MS)
          because.push(`a ${worker.name} has waited ${Math.round(worker.lateMs / 1000)} s`);
      }
    }
    return because.length === 0 ? { ready: true } : { ready: false, because };
  }

  async run(signal: AbortSignal): Promise<'stopped' | 'lease-lost'> {
    const { elector, log, metrics } = this.#options;
    metrics?.onScrape(() => this.#watchAges());
    metrics?.setLeader(false);
    const watching = new AbortController();
    for (const cache of this.#caches) cache.start(watching.signal);
    try {
      await this.#untilSynced(signal);
      if (signal.aborted) return 'stopped';
      let leadership: Leadership | undefined;
      try {
        leadership = await elector?.acquire(signal);
      } catch (error) {
        if (isAborted(error)) return 'stopped';
        throw error;
      }
      log?.info(elector === undefined ? {} : { identity: elector.identity }, 'leading');
      return await this.#lead(signal, leadership);
    } finally {
      watching.abort();
    }
  }

  async #lead(signal: AbortSignal, leadership: Leadership | undefined): Promise<'stopped' | 'lease-lost'> {
    const { log, metrics } = this.#options;
    const working = leadership === undefined ? signal : AbortSignal.any([signal, leadership.signal]);
    this.#leading = true;
    metrics?.setLeader(true);
    for (const task of this.#tasks) task(working);
    await this.#untilDone(working, Promise.all(this.#workers.map((worker) => worker.run(working))));
    this.#leading = false;
    metrics?.setLeader(false);
    // Asked before the release, which aborts it too.
    const lost = leadership?.signal.aborted === true && !signal.aborted;
    await leadership?.release();
    log?.info({}, lost ? 'the lease was lost' : 'stopped');
    return lost ? 'lease-lost' : 'stopped';
  }

  /** All runs ended, or the grace period after the abort is over. */
  #untilDone(working: AbortSignal, runs: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel = () => {};
      const onAbort = () => {
        cancel = this.#clock.after(GRACE_MS, () => {
          this.#options.log?.warn({}, 'stopping with runs still in flight');
          resolve();
        });
      };
      if (working.aborted) onAbort();
      else working.addEventListener('abort', onAbort, { once: true });
      const aborted = new Promise<void>((seen) => {
        if (working.aborted) seen();
        else working.addEventListener('abort', () => seen(), { once: true });
      });
      // Without a controller there are no runs: then the abort alone ends it.
      Promise.all([runs, aborted]).then(() => {
        cancel();
        resolve();
      }, reject);
    });
  }

  #untilSynced(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (signal.aborted || this.#caches.every((cache) => cache.hasSynced())) resolve();
      };
      for (const cache of this.#caches) cache.onState(check);
      signal.addEventListener('abort', check, { once: true });
      check();
    });
  }

  #watchAges(): [string, number][] {
    const now = this.#clock.now();
    return this.#caches.flatMap(({ resource, lastContactAt }): [string, number][] =>
      lastContactAt === undefined ? [] : [[resource, Math.max(0, now - lastContactAt) / 1000]],
    );
  }
}

function withDiagnosis(fields: object, diagnosis: string | null): object {
  return diagnosis === null ? fields : { ...fields, diagnosis };
}
