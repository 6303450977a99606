import type { KubeObject } from './object.ts';
import type { ChangeHandler, ReadonlyStore } from './store.ts';

/**
 * - `syncing`: the first list has not been read to its end; nothing may be concluded from absence.
 * - `live`: the list was read and a watch is open.
 * - `reconnecting`: was live; the cache is as old as `lastContactAt`.
 * - `forbidden`: 403; the cache says nothing about what exists.
 * - `missing`: the server does not serve this kind (its CRD is absent).
 */
export type WatchState = 'syncing' | 'live' | 'reconnecting' | 'forbidden' | 'missing';

/** Answer to "is it there?", which cannot be mistaken for absence when nothing is known. */
export type Lookup<T> =
  | { readonly found: 'present'; readonly object: T }
  | { readonly found: 'absent' }
  | {
      readonly found: 'unknown';
      readonly because: Exclude<WatchState, 'live' | 'reconnecting'> | 'unwatched';
    };

/** Keeps a cache of one resource by list and watch. */
export interface Watcher<T extends KubeObject = KubeObject> {
  /** The plural of the resource, for logs and metrics. */
  readonly resource: string;
  readonly store: ReadonlyStore<T>;
  readonly state: WatchState;
  /** True once a list was read to its end, and as long as the cache may be believed (not forbidden, not missing). */
  hasSynced(): boolean;
  /** Clock time of the last byte from the server; undefined before the first. */
  readonly lastContactAt: number | undefined;
  /** The handler is called for what is in the cache already, as `added`, then for each change. */
  onChange(handler: ChangeHandler<T>): void;
  /** Called at each change of `state`. */
  onState(handler: (state: WatchState) => void): void;
  /** Begins; ends with the signal. */
  start(signal: AbortSignal): void;
  /** Resolves when `hasSynced()`; rejects with a `KubeError` (`Aborted`) when the signal is aborted. */
  untilSynced(signal?: AbortSignal): Promise<void>;
}
