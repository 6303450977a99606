import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
const sockets: Socket[] = [];
beforeEach(async () => {
  vault = await startTestVault({ listener: { patience: { headers: 200, request: 600, silence: 2000 } } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  expect(vault.faults).toEqual([]);
  await vault[Symbol.asyncDispose]();
});

/** A real socket that sends what it is told and then waits, for as long as the server does. */
function begun(sent: string): Socket {
  // Half open, as a client that never hangs up by itself.
  const socket = connect({ port: vault.server.port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.write(sent);
  return socket;
}
const POST = `POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;

describe('a client that is too slow (V7)', () => {
  it('with its headers is cut, and told so', async () => {
    expect(await text(begun('GET /api/v1/openapi.json HTTP/1.1\r\nhost: loc'))).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ['people', POST],
    ['machines', 'POST /v1/secrets/export HTTP/1.1\r\nhost: localhost\r\n'],
  ])('with its body is cut: %s', async (_, head) => {
    const socket = begun(`${head}content-length: 10\r\n\r\n{`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('of automation, with its body, is cut', async () => {
    const head = `POST /api/v1/vaults/${vault.vaultId}/steps HTTP/1.1\r\nhost: localhost\r\n`;
    const stamp = `x-automation-id: ${vault.identity.id}\r\nx-audience: ${vault.audience}\r\nx-timestamp: ${Math.floor(Date.now() / 1000)}\r\n`;
    const rest = 'x-nonce: n\r\nx-signature: c2ln\r\ncontent-length: 10\r\n\r\n{';
    expect(await text(begun(`${head}${stamp}${rest}`))).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('drop by drop is cut too: each byte is in time, and the request is not', async () => {
    const socket = begun(`${POST}content-length: 1000\r\n\r\n`);
    const dripping = setInterval(() => socket.write(' '), 50);
    try {
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(dripping);
    }
  });

  it('who connects and says nothing at all is cut', async () => {
    expect(await text(begun(''))).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('what is no HTTP is refused, and its connection closed', async () => {
    expect(await text(begun('hello\r\n\r\n'))).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*x-content-type-options: nosniff/,
    );
  });

  it('headers beyond 16 KiB are refused', async () => {
    const socket = begun(`GET / HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('others are answered meanwhile, and a long poll is not taken for silence', async () => {
    begun('GET / HTTP/1.1\r\n');
    const { revision } = await vault.snapshot();
    expect((await vault.changes(`since=${revision}&wait=1`)).revision).toBe(revision);
  });
});
