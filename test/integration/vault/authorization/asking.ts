/** Requests of the table, on connections that are kept: some thousands of them are sent. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Parsed JSON; null where it is none. */
  readonly body: unknown;
}

export class Asking {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  send(method: string, path: string, text: string, headers: Record<string, string>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const length = text === '' ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    const typed = text === '' ? {} : { 'content-type': 'application/json' };
    const outgoing = request({
      agent: this.#agent,
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      headers: { ...headers, ...length, ...typed },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const received = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, text: received, body: parsed(received) });
      });
    });
    outgoing.end(text);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
