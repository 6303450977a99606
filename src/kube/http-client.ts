import type {
  ApplyOptions,
  CallOptions,
  KubeClient,
  ListOptions,
  ListResult,
  RequestRecord,
  WatchEvent,
  WatchOptions,
} from './client.ts';
import type { KubeConfig } from './credentials.ts';
import { type CallDescription, errorOfResponse, KubeError } from './error.ts';
import { createNodeTransport } from './node-transport.ts';
import { apiVersionOf, type KubeObject, type MetadataOnly, pathOf, type ResourceType } from './object.ts';
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

/** The client for one API server. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { config } = options;
  const transport = options.transport ?? createNodeTransport(config.server, () => config.credentials.tls());
  const userAgent = options.userAgent ?? 'seneschal';

  const finish = (call: Call, code: number, startedAt: number) =>
    options.onRequest?.({ ...call.describe, code, ms: performance.now() - startedAt });

  const send = async (call: Call): Promise<TransportResponse> => {
    const authorization = await config.credentials.headers();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return transport.send({
      method: call.method,
      path: call.path,
      headers: {
        ...authorization,
        accept: call.accept ?? JSON_TYPE,
        'user-agent': userAgent,
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
  };

  /** One answer, whatever its status. */
  const open = async (call: Call): Promise<TransportResponse> => {
    const startedAt = performance.now();
    let response: TransportResponse;
    try {
      response = await send(call);
      // A token file may have been replaced since it was read. What was refused with 401 was not done.
      if (response.status === 401 && (await config.credentials.refresh())) {
        await response.text();
        finish(call, 401, startedAt);
        response = await send(call);
      }
    } catch (error) {
      finish(call, 0, startedAt);
      throw errorOfFailure(call.describe, error);
    }
    finish(call, response.status, startedAt);
    return response;
  };

  const exchange = async (call: Call): Promise<{ status: number; text: string }> => {
    const response = await open(call);
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw errorOfFailure(call.describe, error);
    }
    if (response.status >= 400) throw errorOfResponse(call.describe, response, text);
    return { status: response.status, text };
  };

  const json = async <R>(call: Call): Promise<R> => parseAnswer(call.describe, (await exchange(call)).text);

  const listAs = async <T>(type: ResourceType, accept: string, list: ListOptions): Promise<ListResult<T>> => {
    const describe = { verb: 'list', resource: type.resource, namespace: list.namespace };
    const items: T[] = [];
    let token = '';
    for (;;) {
      const limit = list.limit ?? PAGE;
      const query = new URLSearchParams();
      if (list.labelSelector) query.set('labelSelector', list.labelSelector);
      if (list.fieldSelector) query.set('fieldSelector', list.fieldSelector);
      if (limit > 0) query.set('limit', String(limit));
      if (token !== '') query.set('continue', token);
      else if (list.resourceVersion !== undefined) query.set('resourceVersion', list.resourceVersion);
      const page = await json<{ metadata: { resourceVersion?: string; continue?: string }; items?: T[] }>({
        describe,
        method: 'GET',
        path: `${pathOf(type, { namespace: list.namespace })}?${query}`,
        accept,
        options: list,
      });
      for (const item of page.items ?? []) items.push(item);
      token = page.metadata.continue ?? '';
      if (token === '') return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
    }
  };

  const applyAt = <T extends KubeObject>(
    verb: string,
    type: ResourceType<T>,
    object: KubeObject,
    subresource: string | undefined,
    apply: ApplyOptions,
  ): Promise<T> => {
    const { namespace, name } = object.metadata;
    const query = new URLSearchParams({ fieldManager: apply.fieldManager });
    if (apply.force === true) query.set('force', 'true');
    return json<T>({
      describe: { verb, resource: type.resource, namespace, name },
      method: 'PATCH',
      path: `${pathOf(type, { namespace, name, subresource })}?${query}`,
      contentType: APPLY_TYPE,
      body: { apiVersion: apiVersionOf(type), kind: type.kind, ...object },
      options: apply,
    });
  };

  async function* watch(type: ResourceType, how: WatchOptions): AsyncGenerator<WatchEvent> {
    const describe = { verb: 'watch', resource: type.resource, namespace: how.namespace };
    const query = new URLSearchParams({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: how.resourceVersion,
      timeoutSeconds: String(how.timeoutSeconds),
    });
    if (how.labelSelector) query.set('labelSelector', how.labelSelector);
    if (how.fieldSelector) query.set('fieldSelector', how.fieldSelector);
    const response = await open({
      describe,
      method: 'GET',
      path: `${pathOf(type, { namespace: how.namespace })}?${query}`,
      accept: how.metadataOnly === true ? METADATA : JSON_TYPE,
      options: { signal: how.signal },
      streaming: true,
    });
    try {
      if (response.status >= 400) throw errorOfResponse(describe, response, await response.text());
      how.onOpen?.();
      const reader = new LineReader();
      for await (const chunk of response.chunks()) {
        how.onBytes?.();
        for (const line of reader.push(chunk)) yield parseAnswer<WatchEvent>(describe, line);
      }
    } catch (error) {
      throw errorOfFailure(describe, error);
    } finally {
      response.destroy();
    }
  }

  const get: KubeClient['get'] = (type, ref, call) =>
    json({
      describe: { verb: 'get', resource: type.resource, namespace: ref.namespace, name: ref.name },
      method: 'GET',
      path: pathOf(type, ref),
      options: call,
    });

  return {
    get,
    async find(type, ref, call) {
      try {
        return await get(type, ref, call);
      } catch (error) {
        if (error instanceof KubeError && error.objectAbsent) return undefined;
        throw error;
      }
    },
    list: <T extends KubeObject>(type: ResourceType<T>, list: ListOptions = {}) =>
      listAs<T>(type, JSON_TYPE, list),
    listMetadata: (type, list = {}) => listAs<MetadataOnly>(type, METADATA_LIST, list),
    create(type, object, write) {
      const { namespace, name } = object.metadata;
      const query =
        write?.fieldManager === undefined ? '' : `?fieldManager=${encodeURIComponent(write.fieldManager)}`;
      return json({
        describe: { verb: 'create', resource: type.resource, namespace, name },
        method: 'POST',
        path: pathOf(type, { namespace }) + query,
        body: { ...object, apiVersion: apiVersionOf(type), kind: type.kind },
        options: write,
      });
    },
    apply: (type, object, apply) => applyAt('apply', type, object, undefined, apply),
    applyStatus: (type, ref, status, apply) => {
      const metadata = {
        name: ref.name,
        ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      };
      return applyAt('apply-status', type, { metadata, status } as KubeObject, 'status', apply);
    },
    patch(type, ref, patch, write) {
      const query =
        write?.fieldManager === undefined ? '' : `?fieldManager=${encodeURIComponent(write.fieldManager)}`;
      return json({
        describe: { verb: 'patch', resource: type.resource, namespace: ref.namespace, name: ref.name },
        method: 'PATCH',
        path: pathOf(type, { ...ref, subresource: write?.subresource }) + query,
        contentType: MERGE_TYPE,
        body: patch,
        options: write,
      });
    },
    replace(type, object, write) {
      const { namespace, name } = object.metadata;
      const query =
        write?.fieldManager === undefined ? '' : `?fieldManager=${encodeURIComponent(write.fieldManager)}`;
      return json({
        describe: { verb: 'replace', resource: type.resource, namespace, name },
        method: 'PUT',
        path: pathOf(type, { namespace, name }) + query,
        body: { ...object, apiVersion: apiVersionOf(type), kind: type.kind },
        options: write,
      });
    },
    async delete(type, ref, how = {}) {
      const preconditions = {
        ...(how.uid === undefined ? {} : { uid: how.uid }),
        ...(how.resourceVersion === undefined ? {} : { resourceVersion: how.resourceVersion }),
      };
      try {
        await exchange({
          describe: { verb: 'delete', resource: type.resource, namespace: ref.namespace, name: ref.name },
          method: 'DELETE',
          path: pathOf(type, ref),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: how.propagationPolicy ?? 'Background',
            ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
          },
          options: how,
        });
        return true;
      } catch (error) {
        if (error instanceof KubeError && error.objectAbsent) return false;
        throw error;
      }
    },
    watch,
    async request(raw) {
      const describe = { verb: 'request', resource: raw.path.split('?')[0] ?? raw.path };
      const response = await open({ describe, ...raw, options: raw });
      try {
        const text = await response.text();
        return { status: response.status, body: parseIfJson(text) };
      } catch (error) {
        throw errorOfFailure(describe, error);
      }
    },
    close: () => transport.close(),
  };
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
  // No cause: what a login plugin says may hold what it logs in with.
  const detail = (error as NodeJS.ErrnoException | undefined)?.code;
  return new KubeError(describe, { code: 0, reason: 'CredentialsError', detail });
}
