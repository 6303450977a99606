import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { MovedClock, OWNER, PASSWORD, startTestVault } from '#test/builders/vault.ts';

describe('a graceful stop', () => {
  it('ends long polls with an answer', async () => {
    const clock = new MovedClock();
    const vault = await startTestVault({ clock });
    const { manager, installation, fencing } = await vault.fence();
    const { revision } = await vault.snapshot();
    const expiry = async (): Promise<number> =>
      (await vault.context.reader.selectFrom('leases').select('expires_at').executeTakeFirstOrThrow())
        .expires_at;
    const before = await expiry();
    clock.advance(1000);
    const fence = new URLSearchParams({ manager, installation, fencing: String(fencing) });
    const polling = vault.changes(`since=${revision}&secretsSince=0&wait=30&${fence}`);
    // It renews the lease as it begins to wait.
    await vi.waitFor(async () => expect(await expiry()).toBeGreaterThan(before));
    await vault[Symbol.asyncDispose]();
    expect(await polling).toMatchObject({ revision, secrets: [] });
  });

  it('answers a request that is under way, and takes no other', async () => {
    const vault = await startTestVault();
    const body = JSON.stringify({ email: OWNER, password: PASSWORD });
    const socket = connect(vault.server.port, '127.0.0.1');
    const chunks: string[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const head = 'POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    socket.write(`${head}content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`);
    // The server has begun with it.
    await vi.waitFor(() => expect(chunks.join('')).toContain('HTTP/1.1 100 '));
    const { port } = vault.server;
    const stopped = vault[Symbol.asyncDispose]();
    await expect(fetch(`http://127.0.0.1:${port}/api/v1/openapi.json`)).rejects.toThrow();
    socket.write(body);
    await ended;
    expect(chunks.join('')).toContain('HTTP/1.1 201 ');
    await stopped;
  });
});
