/**
 * A cache of one of our kinds: in all namespaces, or in those that the operator was told.
 *
 * Decides rail 6: whether absence from a cache is absence.
 */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import {
  type ChangeHandler,
  createNamespaceSetWatcher,
  createWatcher,
  type Indexer,
  type KubeClient,
  type KubeError,
  type ReadonlyStore,
} from '#kube/kube.ts';
import type { Cache } from '#runtime/runtime.ts';
import { type Resource, resourceType } from './resources.ts';

export interface KindCache<K extends Kind> extends Cache {
  readonly kind: K;
  readonly store: ReadonlyStore<Resource<K>>;
  onChange(handler: ChangeHandler<Resource<K>>): void;
  /**
   * Rail 6: whether absence from the cache means absence in that namespace. Not while its watch is broken: what was
   * deleted may have come back since.
   */
  isComplete(namespace: string): boolean;
}

export interface KindCacheOptions<K extends Kind> {
  readonly client: KubeClient;
  /** Null: all. */
  readonly namespaces: readonly string[] | null;
  readonly indexers?: Readonly<Record<string, Indexer<Resource<K>>>>;
  readonly onFailure?: (error: KubeError) => void;
}

export function createKindCache<K extends Kind>(kind: K, options: KindCacheOptions<K>): KindCache<K> {
  const { namespaces, ...rest } = options;
  // managedFields tell who changed a spec last (A4).
  const watched = {
    ...rest,
    type: resourceType(kind),
    keepManagedFields: 'who, when and what part',
  } as const;
  if (namespaces === null) {
    const watcher = createWatcher(watched);
    return withKind(kind, watcher, () => watcher.state === 'live');
  }
  const watcher = createNamespaceSetWatcher(watched);
  watcher.setNamespaces(namespaces);
  return withKind(kind, watcher, (namespace) => watcher.state(namespace) === 'live');
}

function withKind<K extends Kind>(
  kind: K,
  watcher: Omit<KindCache<K>, 'kind' | 'isComplete'>,
  isComplete: (namespace: string) => boolean,
): KindCache<K> {
  return {
    kind,
    isComplete,
    resource: watcher.resource,
    store: watcher.store,
    hasSynced: () => watcher.hasSynced(),
    get lastContactAt() {
      return watcher.lastContactAt;
    },
    onChange: (handler) => watcher.onChange(handler),
    onState: (handler) => watcher.onState(() => handler()),
    start: (signal) => watcher.start(signal),
  };
}
