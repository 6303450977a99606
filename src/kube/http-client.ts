import type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ListResult,
  RawRequest,
  RawResponse,
  RequestRecord,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { KubeConfig } from './credentials.ts';
import { type CallDescription, errorOfResponse, KubeError } from './error.ts';
import { KubeConfigError } from './kubeconfig-file.ts';
import { createNodeTransport } from './node-transport.ts';
import {
  apiVersionOf,
  type KubeObject,
  type MetadataOnly,
  type ObjectRef,
  pathOf,
  type ResourceType,
} from './object.ts';
import { type Transport, TransportError, type TransportResponse } from './transport.ts';
import { LineReader } from './watch-stream.ts';

const JSON_TYPE = 'application/json';
const APPLY_TYPE = 'application/apply-patch+yaml';
const MERGE_TYPE = 'application/merge-patch+json';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const TIMEOUT_MS = 30_000;
const PAGE = 500;

export interface KubeClientOptions {
  readonly config: KubeConfig;
  /** Sent as User-Agent: shows in audit logs and priority-and-fairness. */
  readonly userAgent?: string;
  /** Called once for each call that came to an end, a page of a list each. */
  readonly onRequest?: (record: RequestRecord) => void;
  readonly transport?: Transport;
}

interface Call {
  readonly describe: CallDescription;
  readonly method: string;
  readonly path: string;
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: unknown;
  readonly options?: CallOptions | undefined;
  readonly streaming?: boolean;
}

/** Calls of one API server over HTTP. */
export class HttpKubeClient implements KubeClient {
  readonly #config: KubeConfig;
  readonly #transport: Transport;
  readonly #userAgent: string;
  readonly #onRequest: ((record: RequestRecord) => void) | undefined;

  constructor({ config, transport, userAgent, onRequest }: KubeClientOptions) {
    this.#config = config;
    this.#transport = transport ?? createNodeTransport(config.server, () => config.credentials.tls());
    this.#userAgent = userAgent ?? 'seneschal';
    this.#onRequest = onRequest;
  }

  get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options?: CallOptions): Promise<T> {
    return this.#json({
      describe: { verb: 'get', resource: type.resource, namespace: ref.namespace, name: ref.name },
      method: 'GET',
      path: pathOf(type, ref),
      options,
    });
  }

  async find<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options?: CallOptions,
  ): Promise<T | undefined> {
    try {
      return await this.get(type, ref, options);
    } catch (error) {
      if (error instanceof KubeError && error.objectAbsent) return undefined;
      throw error;
    }
  }

  list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<ListResult<T>> {
    return this.#listAs<T>(type, JSON_TYPE, options);
  }

  listMetadata(type: ResourceType, options: ListOptions = {}): Promise<ListResult<MetadataOnly>> {
    return this.#listAs<MetadataOnly>(type, METADATA_LIST, options);
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T> {
    const { namespace, name } = object.metadata;
    return this.#json({
      describe: { verb: 'create', resource: type.resource, namespace, name },
      method: 'POST',
      path: pathOf(type, { namespace }) + managerQuery(options),
      body: { ...object, apiVersion: apiVersionOf(type), kind: type.kind },
      options,
    });
  }

  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions): Promise<T> {
    return this.#applyAt('apply', type, object, undefined, options);
  }

  applyStatus<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    status: unknown,
    options: ApplyOptions,
  ): Promise<T> {
    const metadata = {
      name: ref.name,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    };
    return this.#applyAt('apply-status', type, { metadata, status } as KubeObject, 'status', options);
  }

  patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string | undefined },
  ): Promise<T> {
    return this.#json({
      describe: { verb: 'patch', resource: type.resource, namespace: ref.namespace, name: ref.name },
      method: 'PATCH',
      path: pathOf(type, { ...ref, subresource: options?.subresource }) + managerQuery(options),
      contentType: MERGE_TYPE,
      body: patch,
      options,
    });
  }

  replace<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T> {
    const { namespace, name } = object.metadata;
    return this.#json({
      describe: { verb: 'replace', resource: type.resource, namespace, name },
      method: 'PUT',
      path: pathOf(type, { namespace, name }) + managerQuery(options),
      body: { ...object, apiVersion: apiVersionOf(type), kind: type.kind },
      options,
    });
  }

  async delete(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const preconditions = {
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
    };
    try {
      await this.#exchange({
        describe: { verb: 'delete', resource: type.resource, namespace: ref.namespace, name: ref.name },
        method: 'DELETE',
        path: pathOf(type, ref),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: options.propagationPolicy ?? 'Background',
          ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
        },
        options,
      });
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.objectAbsent) return false;
      throw error;
    }
  }

  async *watch(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const describe = { verb: 'watch', resource: type.resource, namespace: options.namespace };
    const query = new URLSearchParams({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
    });
    if (options.labelSelector) query.set('labelSelector', options.labelSelector);
    if (options.fieldSelector) query.set('fieldSelector', options.fieldSelector);
    const response = await this.#open({
      describe,
      method: 'GET',
      path: `${pathOf(type, { namespace: options.namespace })}?${query}`,
      accept: options.metadataOnly === true ? METADATA : JSON_TYPE,
      options: { signal: options.signal },
      streaming: true,
    });
    try {
      if (response.status >= 400) throw errorOfResponse(describe, response, await response.text());
      options.onOpen?.();
      const reader = new LineReader();
      for await (const chunk of response.chunks()) {
        options.onBytes?.();
        for (const line of reader.push(chunk)) yield parseAnswer<WatchEvent>(describe, line);
      }
    } catch (error) {
      throw errorOfFailure(describe, error);
    } finally {
      response.destroy();
    }
  }

  async request(raw: RawRequest): Promise<RawResponse> {
    const describe = { verb: 'request', resource: raw.path.split('?')[0] ?? raw.path };
    const response = await this.#open({ describe, ...raw, options: raw });
    try {
      const text = await response.text();
      return { status: response.status, body: parseIfJson(text) };
    } catch (error) {
      throw errorOfFailure(describe, error);
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #listAs<T>(type: ResourceType, accept: string, options: ListOptions): Promise<ListResult<T>> {
    const describe = { verb: 'list', resource: type.resource, namespace: options.namespace };
    const items: T[] = [];
    let token = '';
    for (;;) {
      const limit = options.limit ?? PAGE;
      const query = new URLSearchParams();
      if (options.labelSelector) query.set('labelSelector', options.labelSelector);
      if (options.fieldSelector) query.set('fieldSelector', options.fieldSelector);
      if (limit > 0) query.set('limit', String(limit));
      if (token !== '') query.set('continue', token);
      else if (options.resourceVersion !== undefined) query.set('resourceVersion', options.resourceVersion);
      const page = await this.#json<{
        metadata: { resourceVersion?: string; continue?: string };
        items?: T[];
      }>({
        describe,
        method: 'GET',
        path: `${pathOf(type, { namespace: options.namespace })}?${query}`,
        accept,
        options,
      });
      for (const item of page.items ?? []) items.push(item);
      token = page.metadata.continue ?? '';
      if (token === '') return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
    }
  }

  #applyAt<T extends KubeObject>(
    verb: string,
    type: ResourceType<T>,
    object: KubeObject,
    subresource: string | undefined,
    options: ApplyOptions,
  ): Promise<T> {
    const { namespace, name } = object.metadata;
    const query = new URLSearchParams({ fieldManager: options.fieldManager });
    if (options.force === true) query.set('force', 'true');
    return this.#json<T>({
      describe: { verb, resource: type.resource, namespace, name },
      method: 'PATCH',
      path: `${pathOf(type, { namespace, name, subresource })}?${query}`,
      contentType: APPLY_TYPE,
      body: { apiVersion: apiVersionOf(type), kind: type.kind, ...object },
      options,
    });
  }

  /** The parsed body of an answer below 400. */
  async #json<R>(call: Call): Promise<R> {
    return parseAnswer(call.describe, await this.#exchange(call));
  }

  /** The text of an answer below 400. */
  async #exchange(call: Call): Promise<string> {
    const response = await this.#open(call);
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw errorOfFailure(call.describe, error);
    }
    if (response.status >= 400) throw errorOfResponse(call.describe, response, text);
    return text;
  }

  /** One answer, whatever its status. */
  async #open(call: Call): Promise<TransportResponse> {
    const startedAt = performance.now();
    let response: TransportResponse;
    try {
      response = await this.#send(call);
      // A token file may have been replaced since it was read. What was refused with 401 was not done.
      if (response.status === 401 && (await this.#config.credentials.refresh())) {
        await response.text();
        this.#finish(call, 401, startedAt);
        response = await this.#send(call);
      }
    } catch (error) {
      this.#finish(call, 0, startedAt);
      throw errorOfFailure(call.describe, error);
    }
    this.#finish(call, response.status, startedAt);
    return response;
  }

  async #send(call: Call): Promise<TransportResponse> {
    const authorization = await this.#config.credentials.headers();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return this.#transport.send({
      method: call.method,
      path: call.path,
      headers: {
        ...authorization,
        accept: call.accept ?? JSON_TYPE,
        'user-agent': this.#userAgent,
        ...(body === undefined
          ? {}
          : {
              'content-type': call.contentType ?? JSON_TYPE,
              'content-length': String(Buffer.byteLength(body)),
            }),
      },
      body,
      signal: call.options?.signal,
      timeoutMs: call.options?.timeoutMs ?? TIMEOUT_MS,
      streaming: call.streaming,
    });
  }

  #finish(call: Call, code: number, startedAt: number): void {
    this.#onRequest?.({ ...call.describe, code, ms: performance.now() - startedAt });
  }
}

function managerQuery(options: WriteOptions | undefined): string {
  const manager = options?.fieldManager;
  return manager === undefined ? '' : `?fieldManager=${encodeURIComponent(manager)}`;
}

function parseAnswer<R>(describe: CallDescription, text: string): R {
  try {
    return JSON.parse(text) as R;
  } catch {
    // No cause: the parser's message quotes the text.
    throw new KubeError(describe, { code: 0, reason: 'InvalidResponse' });
  }
}

function parseIfJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function errorOfFailure(describe: CallDescription, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  if (error instanceof TransportError) {
    const detail = (error.cause as NodeJS.ErrnoException | undefined)?.code;
    return new KubeError(describe, { code: 0, reason: error.kind, detail, cause: error });
  }
  // A message made for people is told; of any other error the code alone, for it may quote a credential.
  const detail =
    error instanceof KubeConfigError
      ? `${error.message}. ${error.next}`
      : (error as NodeJS.ErrnoException | undefined)?.code;
  return new KubeError(describe, { code: 0, reason: 'CredentialsError', detail });
}
