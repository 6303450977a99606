/**
 * HTTP to the vault over kept connections of node:http(s). Why not undici: in a loop of 10,000 posts it peaked at
 * twice the memory (docs/decisions).
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { RequestPath } from '#protocol/request-path.ts';
import { ProviderError } from '../provider.ts';
import { agentOf, type Route } from './vault-agent.ts';

/** The largest answer that is read, in bytes: far above the snapshot of the largest organization. */
const ANSWER_LIMIT = 128 * 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface Call {
  readonly method: string;
  /** As it is signed. */
  readonly target: RequestPath;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export class Transport {
  readonly #route: Route;
  readonly #base: URL;
  readonly #agent: http.Agent;
  /** How often all connections were ended here: what that cut off may have been read, and is not sent once more. */
  #closed = 0;

  /** Throws ProviderError `InsecureUrl`. */
  constructor(route: Route) {
    this.#route = route;
    this.#base = new URL(route.url);
    this.#agent = agentOf(route);
  }

  /** One exchange. Throws ProviderError `Unreachable`; rethrows the reason of an abort. */
  exchange(call: Call): Promise<Answer> {
    return this.#within(call, (signal) => this.#attempt(call, signal, false));
  }

  /**
   * The same for an answer that is not held in memory: each part goes to `write` before the next is read, and
   * the answer's text is empty. A refusal is answered as `exchange` does. What `write` throws is thrown.
   */
  download(call: Call, write: (part: Buffer) => Promise<void>): Promise<Answer> {
    return this.#within(call, async (signal) => {
      const request = this.#open(call, signal);
      const response = await responseOf(request, call.body);
      const { statusCode: status = 0, headers } = response;
      if (status >= 400) return { status, headers, text: await textOf(response) };
      for await (const part of response) await write(part as Buffer);
      return { status, headers, text: '' };
    });
  }

  async #within<T>(call: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    call.signal.throwIfAborted();
    const timeout = AbortSignal.timeout(call.timeout);
    const signal = AbortSignal.any([call.signal, timeout]);
    try {
      return await work(signal);
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof ProviderError) throw error;
      throw unreachable(
        this.#base.host,
        timeout.aborted ? `no answer within ${call.timeout / 1000} s` : codeOf(error),
        error,
      );
    }
  }

  /**
   * Whether an answer comes that is not a proxy's that finds nobody (5xx), on a new connection: a kept one may lead nowhere.
   * Never throws.
   */
  async answers(call: Call): Promise<boolean> {
    const alone = new Transport(this.#route);
    try {
      const { status } = await alone.exchange(call);
      return status < 500;
    } catch {
      return false;
    } finally {
      alone.close();
    }
  }

  /** Ends every exchange that is under way; the next one connects anew. */
  close(): void {
    this.#closed += 1;
    this.#agent.destroy();
  }

  async #attempt(call: Call, signal: AbortSignal, again: boolean): Promise<Answer> {
    const closed = this.#closed;
    const request = this.#open(call, signal);
    try {
      const response = await responseOf(request, call.body);
      const text = await textOf(response);
      return { status: response.statusCode ?? 0, headers: response.headers, text };
    } catch (error) {
      // The server closed a kept connection as it was taken up again (Node: `request.reusedSocket`): nothing was
      // read of the request, so it is sent once more, signed anew.
      if (!again && closed === this.#closed && request.reusedSocket && codeOf(error) === 'ECONNRESET')
        return this.#attempt(call, signal, true);
      throw error;
    }
  }

  #open(call: Call, signal: AbortSignal): http.ClientRequest {
    const { request } = this.#base.protocol === 'https:' ? https : http;
    return request({
      protocol: this.#base.protocol,
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port,
      method: call.method,
      path: String(call.target),
      agent: this.#agent,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'seneschal',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        // Said also of no body at all (RFC 9110, 8.6): servers then need not look for one.
        ...(call.method === 'GET' ? {} : { 'content-length': Buffer.byteLength(call.body ?? '') }),
        ...call.headers(),
      },
    });
  }
}

function responseOf(request: http.ClientRequest, body: string | undefined): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', resolve);
    request.end(body);
  });
}

function textOf(response: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > ANSWER_LIMIT) response.destroy(new Error('ANSWER_TOO_LARGE'));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

/** One text for whatever it is: who writes an address and reads the status learns nothing of ports by it. */
function unreachable(host: string, diagnosis: string, cause: unknown): ProviderError {
  return new ProviderError(
    {
      class: 'Transient',
      code: 'Unreachable',
      publicMessage: `The vault at ${host} does not answer, or not with a certificate that is trusted.`,
      diagnosis,
    },
    cause,
  );
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'connection failed';
}
