import { type KubeObject, keyOf, type ObjectRef } from './object.ts';

/** What happened to one object in a cache. `previous` is what the cache held before. */
export type Change<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'modified'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };

export type ChangeHandler<T extends KubeObject> = (change: Change<T>) => void;

/** Gives the values under which an object is found again. */
export type Indexer<T extends KubeObject> = (object: T) => readonly string[];

/** What can be read of a cache. Objects are shared: never change them. */
export interface ReadonlyStore<T extends KubeObject> {
  readonly size: number;
  get(ref: ObjectRef): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): T[];
  /** Objects whose indexer gave `value`. Throws on an index that was never declared. */
  byIndex(index: string, value: string): T[];
}

/** A cache of objects by `namespace/name`, with indexes. */
export class Store<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Readonly<Record<string, Indexer<T>>>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#objects.get(keyOf(ref));
  }

  list(namespace?: string): T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  byIndex(index: string, value: string): T[] {
    const entries = this.#indexes.get(index);
    if (entries === undefined) throw new Error(`no index named ${index}`);
    const keys = entries.get(value);
    if (keys === undefined) return [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Adds or replaces; gives what was there before. */
  set(object: T): T | undefined {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous !== undefined) this.#unindex(key, previous);
    this.#objects.set(key, object);
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const entries = this.#indexes.get(name);
      for (const value of indexer(object)) {
        let keys = entries?.get(value);
        if (keys === undefined) {
          keys = new Set();
          entries?.set(value, keys);
        }
        keys.add(key);
      }
    }
    return previous;
  }

  /** Removes; gives what was there. */
  delete(ref: ObjectRef): T | undefined {
    const key = keyOf(ref);
    const previous = this.#objects.get(key);
    if (previous === undefined) return undefined;
    this.#unindex(key, previous);
    this.#objects.delete(key);
    return previous;
  }

  #unindex(key: string, object: T): void {
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const entries = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = entries?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) entries?.delete(value);
      }
    }
  }
}
