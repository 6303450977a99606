import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Provider, ProviderError } from '#provider/provider.ts';
import { connect } from '#provider/seneschal/seneschal.ts';

const { signal } = new AbortController();
const { privateKey } = generateKeyPairSync('ed25519');
const VAULT_ID = 'vault_0123456789abcdef';
const SECRET = 'swordfish-value';
let server: Server | undefined;
let provider: Provider | undefined;

afterEach(async () => {
  await provider?.close();
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers by `listener`. */
async function vaultThat(listener: RequestListener): Promise<Provider> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  provider = connect({
    address: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, vaultId: VAULT_ID },
    ca: null,
    automationId: 'aut_1',
    privateKey,
  });
  return provider;
}

const failure = async (call: Promise<unknown>): Promise<ProviderError> =>
  (await call.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )) as ProviderError;

describe('an answer that is no success', () => {
  test.each([
    [401, {}, { class: 'Auth', code: 'Unauthorized' }],
    [401, { code: 'WrongAudience' }, { class: 'Auth', code: 'WrongAudience' }],
    [403, { code: 'Forbidden' }, { class: 'Auth', code: 'Forbidden' }],
    [404, { code: 'NotFound' }, { class: 'Gone', code: 'VaultNotFound' }],
    [409, { code: 'ManagementConflict' }, { class: 'Conflict', code: 'ManagementConflict' }],
    [423, { code: 'Frozen' }, { class: 'Conflict', code: 'Frozen' }],
    [422, { code: 'Invalid' }, { class: 'Refused', code: 'Invalid' }],
    [429, {}, { class: 'RateLimited', code: 'RateLimited', retryAfter: 7000 }],
    [500, {}, { class: 'Transient', code: 'VaultError' }],
    [503, { code: 'Sealed' }, { class: 'Transient', code: 'Sealed', retryAfter: 7000 }],
    [503, {}, { class: 'Transient', code: 'VaultError' }],
  ])('%i %o is %o, and shows nothing of the body', async (status, problem, expected) => {
    const body = JSON.stringify({ ...problem, detail: SECRET, title: SECRET });
    const vault = await vaultThat((_, response) => {
      if (status === 429 || 'code' in problem) response.setHeader('retry-after', '7');
      response.writeHead(status, { 'content-type': 'application/problem+json' }).end(body);
    });
    const error = await failure(vault.observe(null, signal));
    expect(error).toMatchObject({ name: 'ProviderError', ...expected });
    expect(`${error.message} ${error.publicMessage} ${error.stack}`).not.toContain(SECRET);
  });

  test('a reservation that is forbidden is refused for what it asks for, not for who asks', async () => {
    const vault = await vaultThat((_, response) =>
      response.writeHead(403).end(JSON.stringify({ code: 'Forbidden' })),
    );
    const fence = { manager: 'm', installation: 'i', fencing: 1 };
    const call = vault.reserve({ fence, class: 'people', actions: [], approval: null }, signal);
    expect(await failure(call)).toMatchObject({ class: 'Refused', code: 'Forbidden' });
  });

  test.each([
    ['that is no JSON', SECRET],
    ['of another server', JSON.stringify({ hello: SECRET })],
  ])('an answer %s is a fault of the vault, and is not shown', async (_, body) => {
    const vault = await vaultThat((_request, response) => response.end(body));
    const error = await failure(vault.observe(null, signal));
    expect(error).toMatchObject({ class: 'Transient', code: 'VaultError' });
    expect(`${error.publicMessage} ${error.stack}`).not.toContain(SECRET);
  });
});

describe('a vault that does not answer', () => {
  test('is unreachable: nobody listens', async () => {
    const vault = await vaultThat(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    expect(await failure(vault.observe(null, signal))).toMatchObject({
      class: 'Transient',
      code: 'Unreachable',
      diagnosis: 'ECONNREFUSED',
      publicMessage: expect.not.stringContaining('ECONNREFUSED'),
    });
  });

  test('is unreachable: the connection is reset in the middle of an answer', async () => {
    const vault = await vaultThat((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":');
      setImmediate(() => response.destroy());
    });
    expect(await failure(vault.observe(null, signal))).toMatchObject({
      class: 'Transient',
      code: 'Unreachable',
    });
  });

  test('ends with the reason of an abort', async () => {
    const abort = new AbortController();
    const vault = await vaultThat(() => abort.abort(new Error('stopping')));
    await expect(vault.observe(null, abort.signal)).rejects.toThrow('stopping');
  });

  test('that closes a kept connection as it is taken up again is asked once more, signed anew', async () => {
    const nonces: unknown[] = [];
    const vault = await vaultThat((request, response) => {
      nonces.push(request.headers['x-nonce']);
      if (nonces.length === 2) request.socket.resetAndDestroy();
      else response.end('{}');
    });
    await vault.auditProof(1, signal);
    await vault.auditProof(2, signal);
    expect(nonces).toHaveLength(3);
    expect(new Set(nonces).size).toBe(3);
  });
});

test('a plain connection leads to this machine only', () => {
  const at = (url: string) => () =>
    connect({ address: { url, vaultId: VAULT_ID }, ca: null, automationId: 'aut_1', privateKey });
  expect(at('http://vault.acme.example')).toThrow(/https/);
  expect(at('http://localhost:8200')).not.toThrow();
});
