import type { KubeObject, ObjectRef } from './object.ts';
import type { ChangeHandler, ReadonlyStore } from './store.ts';
import type { Lookup, WatchState } from './watcher.ts';

/**
 * Keeps a cache of one resource in a set of namespaces that changes: one list and watch each. For
 * Secrets, which may be read only where a RoleBinding allows it.
 */
export interface NamespaceSetWatcher<T extends KubeObject = KubeObject> {
  readonly resource: string;
  readonly store: ReadonlyStore<T>;
  /** Starts and stops watches so that these are watched and no others. */
  setNamespaces(namespaces: Iterable<string>): void;
  /** `unwatched` when the namespace is not in the set. */
  state(namespace: string): WatchState | 'unwatched';
  /** The only way to ask whether an object exists: a namespace that may not be read answers `unknown`. */
  lookup(ref: ObjectRef): Lookup<T>;
  onChange(handler: ChangeHandler<T>): void;
  onState(handler: (namespace: string, state: WatchState) => void): void;
  /** True when no watched namespace is still `syncing`. */
  hasSynced(): boolean;
  start(signal: AbortSignal): void;
}
