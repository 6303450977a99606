/** What is known of our Secrets without reading any: the metadata watch, with our own last writes laid over it. */
import {
  type Clock,
  createNamespaceSetWatcher,
  type KubeClient,
  type KubeError,
  keyOf,
  type Lookup,
  type MetadataOnly,
  type NamespaceSetWatcher,
  type ObjectRef,
  SECRETS,
} from '#kube/kube.ts';
import { annotationOf, SECRET_SELECTOR } from './marks.ts';

const BY_BINDING = 'binding';

/** Metadata of every Secret of ours, in the namespaces that it is told; it asks for no other Secret. */
export function createSecretWatcher(options: {
  readonly client: KubeClient;
  readonly clock?: Clock | undefined;
  readonly onFailure?: ((error: KubeError) => void) | undefined;
}): NamespaceSetWatcher<MetadataOnly> {
  return createNamespaceSetWatcher<MetadataOnly>({
    ...options,
    type: {
      group: SECRETS.group,
      version: SECRETS.version,
      resource: SECRETS.resource,
      kind: SECRETS.kind,
      namespaced: true,
    },
    metadataOnly: true,
    keepManagedFields: true,
    labelSelector: SECRET_SELECTOR,
    indexers: { [BY_BINDING]: (secret) => [bindingKeyOf(secret)] },
  });
}

/** `namespace/name` of the binding that a Secret says it belongs to. */
export function bindingKeyOf(secret: MetadataOnly): string {
  return `${secret.metadata.namespace ?? ''}/${annotationOf(secret, 'binding') ?? ''}`;
}

/** How long our own write counts while the watch has not told of it (a watch may have been cut meanwhile). */
const OWN_WRITE_COUNTS = 30_000;

type OwnWrite =
  | { readonly is: 'written'; readonly object: MetadataOnly; readonly at: number }
  | { readonly is: 'deleted'; readonly uid: string | undefined; readonly at: number };

/**
 * The cache as the binding pass sees it. Without the own writes a pass that follows at once would read a
 * cache that is older than what the pass before it did.
 */
export class SecretCache {
  readonly #watcher: NamespaceSetWatcher<MetadataOnly>;
  readonly #clock: Clock;
  readonly #own = new Map<string, OwnWrite>();
  readonly #listeners: ((secret: MetadataOnly) => void)[] = [];

  constructor(watcher: NamespaceSetWatcher<MetadataOnly>, clock: Clock) {
    this.#watcher = watcher;
    this.#clock = clock;
    watcher.onChange(({ type, object }) => {
      if (this.#isNews(type, object)) for (const listener of this.#listeners) listener(object);
    });
  }

  lookup(ref: ObjectRef): Lookup<MetadataOnly> {
    const seen = this.#watcher.lookup(ref);
    if (seen.found === 'unknown') return seen;
    const own = this.#ownWrite(keyOf(ref));
    if (own === undefined) return seen;
    return own.is === 'written' ? { found: 'present', object: own.object } : { found: 'absent' };
  }

  /** Every Secret that says it belongs to the binding of that `namespace/name`, of whatever UID. */
  ofBinding(bindingKey: string): MetadataOnly[] {
    const found = new Map(
      this.#watcher.store.byIndex(BY_BINDING, bindingKey).map((secret) => [keyOf(secret.metadata), secret]),
    );
    for (const key of [...this.#own.keys()]) {
      const own = this.#ownWrite(key);
      if (own?.is === 'deleted') found.delete(key);
      else if (own?.is === 'written' && bindingKeyOf(own.object) === bindingKey) found.set(key, own.object);
    }
    return [...found.values()];
  }

  /** Every Secret of a namespace. */
  inNamespace(namespace: string): MetadataOnly[] {
    return this.#watcher.store.list(namespace);
  }

  /** What a write of ours answered; only metadata is kept. */
  wrote({ metadata }: MetadataOnly): void {
    const seen = this.#watcher.store.get(metadata);
    // The watch may be faster than the answer.
    if (seen !== undefined && compareVersions(seen, { metadata }) >= 0) return;
    this.#own.set(keyOf(metadata), { is: 'written', object: { metadata }, at: this.#clock.now() });
  }

  deleted(ref: ObjectRef, uid: string | undefined): void {
    this.#own.set(keyOf(ref), { is: 'deleted', uid, at: this.#clock.now() });
  }

  /** Called for each change that is not the echo of a write of ours. */
  onNews(listener: (secret: MetadataOnly) => void): void {
    this.#listeners.push(listener);
  }

  #ownWrite(key: string): OwnWrite | undefined {
    const own = this.#own.get(key);
    if (own === undefined || this.#clock.now() - own.at <= OWN_WRITE_COUNTS) return own;
    this.#own.delete(key);
    return undefined;
  }

  #isNews(type: 'added' | 'modified' | 'deleted', object: MetadataOnly): boolean {
    const key = keyOf(object.metadata);
    const own = this.#ownWrite(key);
    if (own === undefined) return true;
    if (own.is === 'deleted') {
      if (object.metadata.uid === own.uid && type !== 'deleted') return false;
      this.#own.delete(key);
      return object.metadata.uid !== own.uid;
    }
    const order = compareVersions(object, own.object);
    if (order < 0) return false;
    this.#own.delete(key);
    return order > 0 || type === 'deleted';
  }
}

/** Resource versions of one resource are ordered as integers (KEP-5504); other texts count as newer. */
export function compareVersions(a: MetadataOnly, b: MetadataOnly): number {
  const left = a.metadata.resourceVersion ?? '';
  const right = b.metadata.resourceVersion ?? '';
  if (left === right) return 0;
  if (!/^\d+$/.test(left) || !/^\d+$/.test(right)) return 1;
  return BigInt(left) < BigInt(right) ? -1 : 1;
}
