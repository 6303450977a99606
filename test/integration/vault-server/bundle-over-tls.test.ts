import { createHash, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { signedByOther } from '#test/builders/certificate.ts';
import { OWNER, PASSWORD, startTestVault } from '#test/builders/vault.ts';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly ca: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

it('the bundle of a provisioned machine holds the CA by which it trusts the vault, and reads with that alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-bundle-'));
  const { cert, key, ca } = signedByOther(folder, 0x41);
  const vault = await startTestVault({ listener: { tls: { cert, key, ca } } });
  const { port } = vault.server;
  try {
    const ask = async ({ method, path, ca: trusted, body, headers = {} }: Sent) => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const sent = body === undefined ? '' : JSON.stringify(body);
      const typed =
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': sent.length };
      request(
        {
          host: 'localhost',
          port,
          method,
          path,
          ca: trusted,
          headers: { ...typed, ...headers },
          agent: false,
        },
        resolve,
      )
        .on('error', reject)
        .end(sent);
      const answer = await promise;
      return { status: answer.statusCode, body: JSON.parse(await text(answer)) as Record<string, unknown> };
    };
    const session = { email: OWNER, password: PASSWORD, vaultId: vault.vaultId };
    const { body: opened } = await ask({ method: 'POST', path: '/api/v1/sessions', ca, body: session });
    const authorization = `Bearer ${String(opened.token)}`;
    const path = `/api/v1/vaults/${vault.vaultId}/machines`;
    const made = await ask({ method: 'POST', path, ca, body: { name: 'ci' }, headers: { authorization } });
    expect(made.status).toBe(201);
    const bundle = made.body.bundle as Record<string, string>;
    const { machineId, apiUrl } = JSON.parse(bundle['identity.json'] ?? '') as Record<string, string>;
    expect([bundle['ca.crt'], apiUrl]).toEqual([ca, `https://localhost:${port}`]);

    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = randomBytes(16).toString('base64');
    const empty = createHash('sha256').digest('hex');
    const line = `GET:/v1/secrets:${timestamp}:${nonce}:${empty}`;
    const signature = sign(null, Buffer.from(line), bundle['private.pem'] ?? '').toString('base64');
    const headers = {
      'x-machine-id': machineId ?? '',
      'x-timestamp': timestamp,
      'x-nonce': nonce,
      'x-signature': signature,
    };
    const read = await ask({ method: 'GET', path: '/v1/secrets', ca: bundle['ca.crt'] ?? '', headers });
    expect(read).toEqual({ status: 200, body: { secrets: [] } });
    const stranger = signedByOther(folder, 0x51).ca;
    await expect(ask({ method: 'GET', path: '/v1/secrets', ca: stranger, headers })).rejects.toThrow();
  } finally {
    await vault[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
});
