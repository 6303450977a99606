import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** What `/readyz` answers: not ready with the reasons why. */
export type Ready = { readonly ready: true } | { readonly ready: false; readonly because: readonly string[] };

export interface HealthServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Reads `HOST:PORT`, `[::1]:PORT` or `:PORT` (which is all addresses). Throws RangeError on anything else. */
export function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new RangeError(`not an address: ${address} (expected HOST:PORT)`);
  return { host: match[1] ?? (match[2] || '::'), port };
}

/**
 * Serves `/healthz` (that it answers shows that the event loop is not blocked), `/readyz` and `/metrics`.
 */
export async function serveHealth(
  at: { host: string; port: number },
  from: { ready: () => Ready; metrics?: Metrics | undefined },
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const answer = (status: number, body: string, contentType = 'text/plain; charset=utf-8') => {
      response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'only GET\n');
    switch (path) {
      case '/healthz':
        return answer(200, 'ok\n');
      case '/readyz': {
        const state = from.ready();
        return state.ready ? answer(200, 'ok\n') : answer(503, `${state.because.join('\n')}\n`);
      }
      case '/metrics':
        if (from.metrics === undefined) return answer(404, 'not found\n');
        from.metrics.text().then(
          ({ body, contentType }) => answer(200, body, contentType),
          () => answer(500, 'metrics could not be collected\n'),
        );
        return;
      default:
        return answer(404, 'not found\n');
    }
  });
  await listen(server, at);
  return {
    host: at.host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, at: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
