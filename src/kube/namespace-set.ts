import { createWatcher, type WatcherOptions } from './list-watch.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import { type ChangeHandler, type ReadonlyStore, Store } from './store.ts';
import type { Lookup, Watcher, WatchState } from './watcher.ts';

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
  /** Oldest contact of the watches that are live; undefined if there are none. */
  readonly lastContactAt: number | undefined;
  start(signal: AbortSignal): void;
}

/** Makes a watcher of one resource in a set of namespaces, empty at first. */
export function createNamespaceSetWatcher<T extends KubeObject>(
  options: Omit<WatcherOptions<T>, 'namespace'>,
): NamespaceSetWatcher<T> {
  return new NamespaceSet(options);
}

interface Watched<T extends KubeObject> {
  readonly watcher: Watcher<T>;
  readonly stop: AbortController;
}

class NamespaceSet<T extends KubeObject> implements NamespaceSetWatcher<T> {
  readonly resource: string;
  readonly store: Store<T>;
  readonly #options: Omit<WatcherOptions<T>, 'namespace'>;
  readonly #watched = new Map<string, Watched<T>>();
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #stateHandlers: ((namespace: string, state: WatchState) => void)[] = [];
  #signal: AbortSignal | undefined;

  constructor(options: Omit<WatcherOptions<T>, 'namespace'>) {
    this.#options = options;
    this.resource = options.type.resource;
    this.store = new Store(options.indexers);
  }

  get lastContactAt(): number | undefined {
    const contacts = [...this.#watched.values()].flatMap(({ watcher }) =>
      watcher.hasSynced() ? (watcher.lastContactAt ?? []) : [],
    );
    return contacts.length === 0 ? undefined : Math.min(...contacts);
  }

  setNamespaces(namespaces: Iterable<string>): void {
    const wanted = new Set(namespaces);
    for (const [namespace, { stop }] of this.#watched) {
      if (wanted.has(namespace)) continue;
      stop.abort();
      this.#watched.delete(namespace);
      this.#drop(namespace);
    }
    for (const namespace of wanted) {
      if (!this.#watched.has(namespace)) this.#watched.set(namespace, this.#watch(namespace));
    }
  }

  state(namespace: string): WatchState | 'unwatched' {
    return this.#watched.get(namespace)?.watcher.state ?? 'unwatched';
  }

  lookup(ref: ObjectRef): Lookup<T> {
    const watcher = this.#watched.get(ref.namespace ?? '')?.watcher;
    if (watcher === undefined) return { found: 'unknown', because: 'unwatched' };
    if (!watcher.hasSynced()) {
      const state = watcher.state;
      return { found: 'unknown', because: state === 'forbidden' || state === 'missing' ? state : 'syncing' };
    }
    const object = this.store.get(ref);
    return object === undefined ? { found: 'absent' } : { found: 'present', object };
  }

  onChange(handler: ChangeHandler<T>): void {
    for (const object of this.store.list()) handler({ type: 'added', object });
    this.#handlers.push(handler);
  }

  onState(handler: (namespace: string, state: WatchState) => void): void {
    this.#stateHandlers.push(handler);
  }

  hasSynced(): boolean {
    return [...this.#watched.values()].every(({ watcher }) => watcher.state !== 'syncing');
  }

  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const { watcher, stop } of this.#watched.values())
      watcher.start(AbortSignal.any([signal, stop.signal]));
  }

  #watch(namespace: string): Watched<T> {
    const stop = new AbortController();
    const watcher = createWatcher<T>({ ...this.#options, indexers: undefined, namespace });
    watcher.onChange((change) => {
      // Events of a watch that was stopped may still be on their way.
      if (stop.signal.aborted) return;
      if (change.type === 'deleted') this.store.delete(change.object.metadata);
      else this.store.set(change.object);
      for (const handler of this.#handlers) handler(change);
    });
    watcher.onState((state) => {
      if (stop.signal.aborted) return;
      if (state === 'forbidden' || state === 'missing') this.#drop(namespace);
      for (const handler of this.#stateHandlers) handler(namespace, state);
    });
    if (this.#signal !== undefined) watcher.start(AbortSignal.any([this.#signal, stop.signal]));
    return { watcher, stop };
  }

  /** Not known any more; nothing was deleted, so nobody is told so. */
  #drop(namespace: string): void {
    for (const object of this.store.list(namespace)) this.store.delete(object.metadata);
  }
}
