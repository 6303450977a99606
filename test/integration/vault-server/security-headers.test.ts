import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newMachine } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault();
});
afterAll(() => vault[Symbol.asyncDispose]());

const EXPECTED = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
const found = (headers: Headers): Record<string, string | null> =>
  Object.fromEntries(Object.keys(EXPECTED).map((name) => [name, headers.get(name)]));

describe('security headers are on every answer (V7)', () => {
  it.each([
    ['a document', '/api/v1/openapi.json', 200],
    ['people who are not signed in', '/api/v1/me/invites', 401],
    ['a route that is not there', '/api/v1/nothing', 404],
    ['a path that is of no plane', '/', 404],
    ['a machine that is not known', '/v1/secrets', 401],
    ['a token that is none', `/v1/bootstrap/boot_${'a'.repeat(43)}`, 401],
  ])('%s', async (_, path, status) => {
    const answer = await fetch(`${vault.url}${path}`);
    expect(answer.status).toBe(status);
    expect(found(answer.headers)).toEqual(EXPECTED);
    expect(answer.headers.get('strict-transport-security'), 'plain').toBeNull();
    await answer.body?.cancel();
  });

  it('automation, and machines that read', async () => {
    const { headers } = await vault.request('GET', '/snapshot');
    expect(found(new Headers(headers as Record<string, string>))).toEqual(EXPECTED);
    const { client } = await newMachine(vault, 'reader');
    await client.send('GET', '/v1/secrets');
    expect(found(client.headers)).toEqual(EXPECTED);
  });
});
