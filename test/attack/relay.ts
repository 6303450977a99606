/** A server between a client and a vault: it sees what is sent, and passes it on as it came. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { send } from '#test/builders/vault.ts';

export interface Relay {
  readonly port: number;
  readonly url: string;
  /** `GET /api/v1/...` of each request that came. */
  readonly seen: string[];
}

/** Passes on to a vault on this machine; goes when the test ends. */
export async function startRelay(vaultPort: number): Promise<Relay> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    seen.push(`${method} ${url}`);
    const pass = async (): Promise<void> => {
      const { connection: _, ...said } = headers as Record<string, string>;
      const answer = await send(vaultPort, method, url, await text(incoming), said);
      const { 'content-length': __, 'transfer-encoding': ___, ...answered } = answer.headers;
      for (const [name, value] of Object.entries(answered))
        if (value !== undefined) outgoing.setHeader(name, value);
      outgoing.writeHead(answer.status).end(answer.body === null ? '' : JSON.stringify(answer.body));
    };
    pass().catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://localhost:${port}`, seen };
}
