/**
 * Every request that a vault of this process answers, whoever sent it and by whatever client: Node tells of each
 * on a channel before its server sees it. A vault is known by the id that it gives each request.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly sent: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly answered: string;
}

type Chunk = string | Uint8Array | null | undefined;

/** `told` is called when an answer is whole and not yet sent, so before its client can go on. */
export function onExchange(told: (exchange: Exchange) => void): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    watch(request, response, told);
  });
}

function watch(request: IncomingMessage, response: ServerResponse, told: (exchange: Exchange) => void): void {
  const sent: Buffer[] = [];
  const answered: Buffer[] = [];
  let isOver = false;
  const { push } = request;
  const { write, end } = response;
  request.push = (chunk: Chunk, encoding?: BufferEncoding) => {
    if (!isOver) keep(sent, chunk, encoding);
    return push.call(request, chunk, encoding);
  };
  const isVault = (): boolean => {
    if (!isOver && !response.hasHeader('x-request-id')) {
      isOver = true;
      sent.length = 0;
    }
    return !isOver;
  };
  response.write = ((chunk: Chunk, ...more: unknown[]) => {
    if (isVault()) keep(answered, chunk, more[0]);
    return Reflect.apply(write, response, [chunk, ...more]) as boolean;
  }) as typeof write;
  response.end = ((...given: unknown[]) => {
    if (isVault()) {
      keep(answered, given[0], given[1]);
      isOver = true;
      const { method = '', url: target = '', headers } = request;
      told({
        ...{ method, target, headers, sent: Buffer.concat(sent).toString('utf8') },
        ...{ status: response.statusCode, contentType: header(response, 'content-type') },
        answered: Buffer.concat(answered).toString('utf8'),
      });
    }
    return Reflect.apply(end, response, given) as ServerResponse;
  }) as typeof end;
}

function keep(chunks: Buffer[], chunk: unknown, encoding: unknown): void {
  if (typeof chunk === 'string') {
    chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
  } else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
}

function header(response: ServerResponse, name: string): string | null {
  const value = response.getHeader(name);
  return value === undefined ? null : String(value);
}
