import type { KubeObject, MetadataOnly, ObjectRef, ResourceType } from './object.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Until the whole answer was read; default 30 s. */
  readonly timeoutMs?: number | undefined;
}

export interface Selection {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends CallOptions, Selection {
  /** Objects a page; default 500, 0 asks for all at once. */
  readonly limit?: number | undefined;
  /** `'0'` takes what the API server has in its cache, which may be old; default is the most recent. */
  readonly resourceVersion?: string | undefined;
}

export interface ListResult<T> {
  readonly items: T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string;
  /** Takes fields over from other managers. Without it a conflict is a 409. */
  readonly force?: boolean | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Preconditions: a mismatch is a 409 and deletes nothing. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
}

/** What `apply` sends: a whole declaration of the fields that are ours. */
export type Applied<T extends KubeObject> = Omit<Partial<T>, 'metadata' | 'apiVersion' | 'kind'> & {
  readonly metadata: KubeObject['metadata'];
};

/** One event of a watch stream, as the server sent it. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

export interface WatchOptions extends Selection {
  readonly signal?: AbortSignal | undefined;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly metadataOnly?: boolean | undefined;
  /** Called when the server has accepted the watch: it says so at once, its first event may take a minute. */
  readonly onOpen?: (() => void) | undefined;
  /** Called for every chunk that arrives. */
  readonly onBytes?: (() => void) | undefined;
}

export interface RawRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
}

export interface RawResponse {
  readonly status: number;
  /** Parsed if it is JSON, else the text. */
  readonly body: unknown;
}

/** One call that came to an end; `code` is 0 without an answer. */
export interface RequestRecord {
  /** get, list, watch, create, apply, apply-status, patch, replace, delete, request. */
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly code: number;
  readonly ms: number;
}

/**
 * Calls to one API server. Every method throws `KubeError` and nothing else, and repeats nothing by
 * itself except a GET on a kept connection that the server had closed in the meantime.
 */
export interface KubeClient {
  get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options?: CallOptions): Promise<T>;
  /** As `get`, but `undefined` when the server says that this object is absent. A kind that is not served throws. */
  find<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options?: CallOptions,
  ): Promise<T | undefined>;
  /** Reads every page, or throws. */
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<ListResult<T>>;
  /** As `list`, metadata only: neither spec nor data crosses the wire. */
  listMetadata(type: ResourceType, options?: ListOptions): Promise<ListResult<MetadataOnly>>;
  /** A name that is taken is a 409 with reason `AlreadyExists`. */
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions): Promise<T>;
  /** Server-side apply of the status subresource; 404 if the object is absent (it never creates). */
  applyStatus<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    status: unknown,
    options: ApplyOptions,
  ): Promise<T>;
  /** JSON merge patch (RFC 7396). */
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string | undefined },
  ): Promise<T>;
  /** Whole-object update; a stale `metadata.resourceVersion` is a 409. */
  replace<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** `false` when it was already absent. */
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** One watch connection, until the server or the signal ends it. Bookmarks are on. */
  watch(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** Anything else. Does not throw on a status of 400 and above: the caller reads it. */
  request(raw: RawRequest): Promise<RawResponse>;
  close(): Promise<void>;
}
