import { type BackoffLimits, backoff } from './backoff.ts';
import type { KubeClient, WatchEvent } from './client.ts';
import { type Clock, pause, systemClock } from './clock.ts';
import { errorOfStatus, KubeError, type StatusBody } from './error.ts';
import type { KubeObject, ResourceType } from './object.ts';
import { type Change, type ChangeHandler, type Indexer, Store } from './store.ts';
import type { Watcher, WatchState } from './watcher.ts';

/** The API server sends a bookmark about every minute: this long without a byte, and the peer is gone. */
const WATCHDOG_MS = 150_000;

/** Reconnecting quickly matters more than it does for a reconcile: a cache gets old meanwhile. */
const RECONNECT: BackoffLimits = { baseMs: 500, maxMs: 30_000 };

/** Before the first list: the process should be ready soon after the API server is. */
const STARTING: BackoffLimits = { baseMs: 250, maxMs: 1_000 };

/** What RBAC refuses is asked for again at first soon (a new RoleBinding takes a moment), then rarely. */
const SLOWLY: BackoffLimits = { baseMs: 5_000, maxMs: 60_000 };

/** A watch that ends sooner than this was not worth opening: it counts as a failure. */
const SHORTEST_MS = 1_000;

export interface WatcherOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Lists and watches metadata: `T` is then `MetadataOnly`. */
  readonly metadataOnly?: boolean | undefined;
  /**
   * managedFields are dropped from the cache unless they are asked for: they are half of most objects.
   * `who, when and what part`: kept, and of the fields the first level alone, as `f:spec`.
   */
  readonly keepManagedFields?: boolean | 'who, when and what part' | undefined;
  readonly indexers?: Readonly<Record<string, Indexer<T>>> | undefined;
  /** Called for each list or watch that failed; for logs. */
  readonly onFailure?: ((error: KubeError) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
  readonly reconnect?: BackoffLimits | undefined;
  readonly slowly?: BackoffLimits | undefined;
}

/** Makes a watcher of one resource, in one namespace or in all. */
export function createWatcher<T extends KubeObject>(options: WatcherOptions<T>): Watcher<T> {
  return new ListWatch(options);
}

class ListWatch<T extends KubeObject> implements Watcher<T> {
  readonly resource: string;
  readonly store: Store<T>;
  readonly #options: WatcherOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #stateHandlers: ((state: WatchState) => void)[] = [];
  #state: WatchState = 'syncing';
  #synced = false;
  #lastContactAt: number | undefined;
  /** Where the watch goes on from; undefined: list first. */
  #position: string | undefined;
  #failures = 0;
  #ended = false;

  constructor(options: WatcherOptions<T>) {
    this.#options = options;
    this.resource = options.type.resource;
    this.store = new Store(options.indexers);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  get state(): WatchState {
    return this.#state;
  }

  get lastContactAt(): number | undefined {
    return this.#lastContactAt;
  }

  hasSynced(): boolean {
    return this.#synced;
  }

  onChange(handler: ChangeHandler<T>): void {
    for (const object of this.store.list()) handler({ type: 'added', object });
    this.#handlers.push(handler);
  }

  onState(handler: (state: WatchState) => void): void {
    this.#stateHandlers.push(handler);
  }

  start(signal: AbortSignal): void {
    // #run ends with the signal and never rejects.
    void this.#run(signal);
  }

  untilSynced(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const aborted = () =>
        reject(new KubeError({ verb: 'watch', resource: this.resource }, { code: 0, reason: 'Aborted' }));
      const check = () => {
        if (this.#synced) resolve();
        else if (this.#ended || signal?.aborted === true) aborted();
        else return;
        const index = this.#stateHandlers.indexOf(check);
        if (index >= 0) this.#stateHandlers.splice(index, 1);
        signal?.removeEventListener('abort', check);
      };
      this.#stateHandlers.push(check);
      signal?.addEventListener('abort', check);
      check();
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#position === undefined) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) break;
        await this.#recover(error, signal);
      }
    }
    this.#ended = true;
    for (const handler of [...this.#stateHandlers]) handler(this.#state);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector } = this.#options;
    const how = { signal, namespace, labelSelector, fieldSelector };
    const result =
      this.#options.metadataOnly === true
        ? ((await client.listMetadata(type, how)) as { items: T[]; resourceVersion: string })
        : await client.list(type, how);
    this.#lastContactAt = this.#clock.now();
    this.#replaceAll(result.items);
    this.#position = result.resourceVersion;
    this.#synced = true;
    this.#setState('live');
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly } = this.#options;
    const connection = new AbortController();
    const startedAt = this.#clock.now();
    let bytesAt = startedAt;
    let cancel = () => {};
    const guard = () => {
      const quiet = this.#clock.now() - bytesAt;
      if (quiet >= WATCHDOG_MS) connection.abort();
      else cancel = this.#clock.after(WATCHDOG_MS - quiet, guard);
    };
    guard();
    try {
      const events = client.watch(type, {
        signal: AbortSignal.any([signal, connection.signal]),
        namespace,
        labelSelector,
        fieldSelector,
        metadataOnly,
        resourceVersion: this.#position ?? '',
        // Spread, so that not all watches of a cluster reconnect at once.
        timeoutSeconds: 300 + Math.floor(this.#random() * 301),
        onOpen: () => {
          bytesAt = this.#clock.now();
          this.#lastContactAt = bytesAt;
          this.#setState('live');
        },
        onBytes: () => {
          bytesAt = this.#clock.now();
          this.#lastContactAt = bytesAt;
          this.#failures = 0;
        },
      });
      for await (const event of events) this.#receive(event);
    } finally {
      cancel();
    }
    // The server ends a watch after timeoutSeconds; one that it ends at once is not asked for without a pause.
    if (this.#clock.now() - startedAt < SHORTEST_MS && !signal.aborted) {
      throw new KubeError(this.#call(), { code: 0, reason: 'NetworkError' });
    }
    this.#failures = 0;
  }

  #receive(event: WatchEvent): void {
    if (event.type === 'ERROR') throw errorOfStatus(this.#call(), event.object as StatusBody);
    const object = event.object as T;
    const version = object.metadata?.resourceVersion;
    if (version === undefined) throw new KubeError(this.#call(), { code: 0, reason: 'InvalidResponse' });
    // A watch begins after its resourceVersion and goes up; what does not was seen before.
    if (this.#position !== undefined && !isNewer(version, this.#position)) return;
    this.#position = version;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#put(object);
        return;
      case 'DELETED':
        this.#remove(object);
        return;
      default:
        // BOOKMARK: only the position moved. Types that are not known yet are treated alike.
        return;
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const failure =
      error instanceof KubeError
        ? error
        : new KubeError(this.#call(), { code: 0, reason: 'InvalidResponse' });
    this.#options.onFailure?.(failure);
    this.#failures += 1;
    if (failure.code === 410) {
      // The history that we want is compacted; what was missed shows in a new list. At once, the first time.
      this.#position = undefined;
      if (this.#failures === 1) return;
    }
    let limits = this.#options.reconnect ?? RECONNECT;
    if (failure.code === 403) {
      this.#forget('forbidden');
      limits = this.#options.slowly ?? SLOWLY;
    } else if (failure.code === 404) {
      this.#forget('missing');
    } else if (this.#synced) {
      this.#setState('reconnecting');
    } else if (failure.code === 0 && this.#options.reconnect === undefined) {
      limits = STARTING;
    }
    const wait = Math.max(failure.retryAfterMs ?? 0, backoff(this.#failures, limits, this.#random));
    await pause(this.#clock, wait, signal);
  }

  /** Drops the cache without telling of deletions: nothing was deleted, it is just not known any more. */
  #forget(state: 'forbidden' | 'missing'): void {
    this.#position = undefined;
    this.#synced = false;
    for (const object of this.store.list()) this.store.delete(object.metadata);
    this.#setState(state);
  }

  #replaceAll(items: readonly T[]): void {
    const present = new Set(items.map((item) => `${item.metadata.namespace ?? ''}/${item.metadata.name}`));
    for (const object of this.store.list()) {
      if (!present.has(`${object.metadata.namespace ?? ''}/${object.metadata.name}`)) this.#remove(object);
    }
    for (const item of items) this.#put(item);
  }

  #put(object: T): void {
    const { keepManagedFields = false } = this.#options;
    if (keepManagedFields === false) delete object.metadata.managedFields;
    else if (keepManagedFields !== true)
      for (const entry of object.metadata.managedFields ?? []) {
        const parts = Object.keys(entry.fieldsV1 ?? {});
        entry.fieldsV1 = Object.fromEntries(parts.map((part) => [part, {}]));
      }
    const previous = this.store.get(object.metadata);
    if (previous !== undefined && previous.metadata.uid === object.metadata.uid) {
      const version = object.metadata.resourceVersion ?? '';
      // A list gives again what has not changed.
      if (!isNewer(version, previous.metadata.resourceVersion ?? '0')) return;
      this.store.set(object);
      this.#emit({ type: 'modified', object, previous });
      return;
    }
    // Deleted and made again under the same name while nobody looked.
    if (previous !== undefined) this.#remove(previous);
    this.store.set(object);
    this.#emit({ type: 'added', object });
  }

  #remove(object: T): void {
    if (this.store.delete(object.metadata) !== undefined) this.#emit({ type: 'deleted', object });
  }

  #emit(change: Change<T>): void {
    for (const handler of this.#handlers) handler(change);
  }

  #setState(state: WatchState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const handler of [...this.#stateHandlers]) handler(state);
  }

  #call() {
    return { verb: 'watch', resource: this.resource, namespace: this.#options.namespace };
  }
}

/** resourceVersions of one resource are whole numbers that grow (KEP-5504); they may exceed 2^53. */
function isNewer(version: string, than: string): boolean {
  if (version.length !== than.length) return version.length > than.length;
  return version > than;
}
