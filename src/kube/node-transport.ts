import * as http from 'node:http';
import * as https from 'node:https';
import {
  type TlsMaterial,
  type Transport,
  TransportError,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts';

/** Idle connections kept for the next call; watches hold theirs. */
const MAX_FREE_SOCKETS = 16;

/**
 * A transport on node:https (node:http for `kubectl proxy`) with kept connections: of the ones measured it takes the least memory
 * (docs/decisions/0003-kubernetes-transport.md).
 *
 * `tls` is asked before each call; a new object means new material, and new connections use it.
 */
export function createNodeTransport(server: URL, tls: () => Promise<TlsMaterial>): Transport {
  const secure = server.protocol === 'https:';
  let current: { material: TlsMaterial; agent: http.Agent } | undefined;

  const agentOf = (material: TlsMaterial): http.Agent => {
    if (current?.material === material) return current.agent;
    // Idle connections of the old material are closed; busy ones end with their call.
    current?.agent.destroy();
    const agent = secure
      ? new https.Agent({
          keepAlive: true,
          maxFreeSockets: MAX_FREE_SOCKETS,
          ...(material.ca === undefined ? {} : { ca: material.ca }),
          ...(material.cert === undefined ? {} : { cert: material.cert }),
          ...(material.key === undefined ? {} : { key: material.key }),
          ...(material.serverName === undefined ? {} : { servername: material.serverName }),
          ...(material.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
        })
      : new http.Agent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS });
    current = { material, agent };
    return agent;
  };

  const attempt = (agent: http.Agent, call: TransportRequest): Promise<TransportResponse> =>
    new Promise((resolve, reject) => {
      const exchange = (secure ? https : http).request({
        agent,
        protocol: server.protocol,
        hostname: server.hostname.replace(/^\[|\]$/g, ''),
        port: server.port === '' ? (secure ? 443 : 80) : Number(server.port),
        method: call.method,
        path: server.pathname.replace(/\/$/, '') + call.path,
        headers: call.headers,
      });
      new Exchange(exchange, call, resolve, reject);
      exchange.end(call.body);
    });

  return {
    async send(call) {
      if (call.signal?.aborted === true) throw new TransportError('Aborted');
      const agent = agentOf(await tls());
      try {
        return await attempt(agent, call);
      } catch (error) {
        // The server had closed a kept connection before it saw the call. Only reads are sent again.
        if (call.method === 'GET' && error instanceof TransportError && error.staleConnection) {
          return attempt(agent, call);
        }
        throw error;
      }
    },
    async close() {
      current?.agent.destroy();
      current = undefined;
    },
  };
}

/** One call on the wire: knows why it ended. */
class Exchange {
  readonly #exchange: http.ClientRequest;
  readonly #onAbort = () => this.#end('Aborted');
  #timer: NodeJS.Timeout | undefined;
  #endedBy: 'Aborted' | 'RequestTimeout' | undefined;

  constructor(
    exchange: http.ClientRequest,
    call: TransportRequest,
    resolve: (response: TransportResponse) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#exchange = exchange;
    if (call.timeoutMs > 0) this.#timer = setTimeout(() => this.#end('RequestTimeout'), call.timeoutMs);
    call.signal?.addEventListener('abort', this.#onAbort, { once: true });
    // Small writes wait for nothing.
    exchange.setNoDelay(true);
    exchange.once('response', (response) => {
      if (call.streaming === true) clearTimeout(this.#timer);
      resolve(this.#respond(response));
    });
    exchange.on('error', (error) => reject(this.#errorOf(error)));
    exchange.once('close', () => {
      clearTimeout(this.#timer);
      call.signal?.removeEventListener('abort', this.#onAbort);
      // Without an `error` event before: harmless if the promise is settled.
      reject(this.#errorOf(undefined));
    });
  }

  #end(by: 'Aborted' | 'RequestTimeout'): void {
    this.#endedBy ??= by;
    this.#exchange.destroy();
  }

  #errorOf(cause: unknown): TransportError {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    const stale = this.#exchange.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    return new TransportError(this.#endedBy ?? 'NetworkError', cause, this.#endedBy === undefined && stale);
  }

  #respond(response: http.IncomingMessage): TransportResponse {
    const header = (name: string) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    return {
      status: response.statusCode ?? 0,
      header,
      text: () => this.#text(response),
      chunks: () => this.#chunks(response),
      destroy: () => {
        this.#exchange.destroy();
      },
    };
  }

  #text(response: http.IncomingMessage): Promise<string> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
      response.once('error', (error) => reject(this.#errorOf(error)));
      response.once('close', () => {
        if (!response.complete) reject(this.#errorOf(undefined));
      });
    });
  }

  async *#chunks(response: http.IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response) yield chunk as Buffer;
    } catch (error) {
      throw this.#errorOf(error);
    } finally {
      this.#exchange.destroy();
    }
  }
}
