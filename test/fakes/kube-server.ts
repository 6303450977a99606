import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileCredentials, HttpKubeClient, type KubeClient, type KubeClientOptions } from '#kube/kube.ts';

/** Answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server that answers with a script, for faults that a real API server does not show on demand. */
export interface FakeKubeServer {
  readonly url: string;
  /** `METHOD path` of each request so far, in order. */
  readonly requests: readonly string[];
  client(options?: Omit<KubeClientOptions, 'config'>): KubeClient;
  close(): Promise<void>;
}

/** `script` answers the requests in turn; the last one answers all that follow. */
export async function fakeKubeServer(...script: Answer[]): Promise<FakeKubeServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    const answer = script[Math.min(requests.length, script.length) - 1];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: KubeClient[] = [];
  return {
    url,
    requests,
    client(options = {}) {
      const config = { server: new URL(url), credentials: fileCredentials({}), namespace: 'default' };
      const client = new HttpKubeClient({ config, ...options });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A `Status` of the API server. */
export function status(code: number, reason: string, more: object = {}): Answer {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, ...more });
}

/** A list of one page. */
export function listOf(resourceVersion: string, ...items: object[]): Answer {
  return json(200, { metadata: { resourceVersion }, items });
}

/** A watch that sends these events, as raw lines if they are strings, and then does what `then` says. */
export function watchOf(
  events: readonly (object | string)[],
  then: 'stay' | 'end' | 'reset' = 'stay',
): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const text = events
      .map((event) => (typeof event === 'string' ? event : `${JSON.stringify(event)}\n`))
      .join('');
    response.write(text, () => {
      if (then === 'end') response.end();
      if (then === 'reset') response.socket?.resetAndDestroy();
    });
  };
}

/** An event of a watch. */
export function event(type: string, name: string, resourceVersion: string, more: object = {}): object {
  return {
    type,
    object: { metadata: { namespace: 'default', name, uid: `uid-${name}`, resourceVersion, ...more } },
  };
}
