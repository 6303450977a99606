import type { Reconcile } from './reconcile.ts';

/** Changes run before resyncs. */
export type Priority = 'high' | 'low';

export interface Enqueue {
  /** Default `high`. */
  readonly priority?: Priority;
  /** Not before this long from now (milliseconds). The earliest of several delays counts. */
  readonly afterMs?: number;
}

/** A reconcile with its queue. */
export interface ControllerSpec {
  /** Kind, for logs and metrics. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** Keys at once; default 4. One key never runs twice at once. */
  readonly concurrency?: number;
  /** Called when this process leads, before the first reconcile: enqueue what exists. */
  readonly onStart?: (enqueue: (key: string, how?: Enqueue) => void) => void;
}

export interface Controller {
  readonly name: string;
  /** May be called at any time; keys wait until this process leads. */
  enqueue(key: string, how?: Enqueue): void;
  /** Keys waiting or running. */
  readonly pending: number;
}
