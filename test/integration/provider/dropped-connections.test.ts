import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { connect } from '#provider/seneschal/seneschal.ts';

const { signal } = new AbortController();
/** Requests that came, and whether they are answered. */
const asked: string[] = [];
let answers = true;
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (answers) response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((ended) => server.close(ended));
});

test('a call that is let go is Unreachable, and is not sent once more: what hung may have been read', async () => {
  const { port } = server.address() as AddressInfo;
  const provider = connect({
    address: { url: `http://localhost:${port}`, vaultId: 'vault_0123456789abcdef' },
    ca: null,
    automationId: 'auto_0123456789abcdef',
    privateKey: newKeyPair().privateKey,
  });
  // The connection is kept, and taken up again by the call that hangs.
  await expect(provider.observe(null, signal)).rejects.toMatchObject({ code: 'VaultNotFound' });
  answers = false;
  const hanging = expect(provider.observe(null, signal)).rejects.toMatchObject({ code: 'Unreachable' });
  await expect.poll(() => asked.length).toBe(2);
  provider.dropConnections();
  await hanging;
  answers = true;
  await expect(provider.observe(null, signal)).rejects.toMatchObject({ code: 'VaultNotFound' });
  expect(asked).toHaveLength(3);
  expect(await provider.answers(signal)).toBe(true);
  await provider.close();
});
