import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { Problem } from '#protocol/management.ts';
import { automationPayload, bodyHash, HEADERS, signPayload } from '#protocol/signing.ts';
import { MovedClock, newIdentity, send, startTestVault, type TestVault } from '#test/builders/vault.ts';

const clock = new MovedClock();
let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault({ clock });
});
afterEach(async () => {
  await vault[Symbol.asyncDispose]();
});

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** A request signed as it should be, for tests to change before it is sent. */
function signed(method: string, path: string, body = '', timestamp = Math.floor(clock.now() / 1000)): Sent {
  const target = `/api/v1/vaults/${vault.vaultId}${path}`;
  const nonce = crypto.randomUUID();
  const line = { method, target, timestamp: String(timestamp), nonce, bodyHash: bodyHash(body) };
  return {
    method,
    target,
    body,
    headers: {
      [HEADERS.automation]: vault.identity.id,
      [HEADERS.audience]: vault.audience,
      [HEADERS.timestamp]: line.timestamp,
      [HEADERS.nonce]: nonce,
      [HEADERS.signature]: signPayload(
        vault.identity.keys.privateKey,
        automationPayload(vault.audience, line, {}),
      ),
    },
  };
}

const sent = ({ method, target, body, headers }: Sent) =>
  send<Problem>(vault.server.port, method, target, body, headers);

describe('a request of an automation identity (V1, V4)', () => {
  it('passes as it was signed, once: the same nonce again is refused, after a restart too', async () => {
    const request = signed('GET', '/snapshot');
    expect((await sent(request)).status).toBe(200);
    expect((await sent(request)).status).toBe(401);
    await vault.restart();
    expect((await sent(request)).status).toBe(401);
  });

  it('is refused where anything that was signed is another', async () => {
    const good = signed('GET', '/changes?since=0&wait=0');
    const changed: Sent[] = [
      { ...signed('POST', '/lease'), method: 'DELETE' },
      { ...good, target: good.target.replace('wait=0', 'wait=1') },
      { ...good, target: good.target.replace('since', '%73ince') },
      { ...good, headers: { ...good.headers, [HEADERS.nonce]: 'other' } },
      {
        ...good,
        headers: { ...good.headers, [HEADERS.timestamp]: String(Math.floor(clock.now() / 1000) + 1) },
      },
      { ...good, headers: { ...good.headers, 'if-match': '"x.1"' } },
      { ...good, headers: { ...good.headers, 'idempotency-key': 'x' } },
      {
        ...signed('POST', '/lease', '{"manager":"a","installation":"b"}'),
        body: '{"manager":"b","installation":"b"}',
      },
    ];
    for (const request of changed) {
      const { status, body } = await sent(request);
      expect([status, body.code], request.target).toEqual([401, 'Unauthenticated']);
    }
    expect((await sent(good)).status, 'a forgery burns no nonce').toBe(200);
  });

  it('is refused 301 seconds from the server’s clock, before and behind', async () => {
    const now = Math.floor(clock.now() / 1000);
    expect((await sent(signed('GET', '/snapshot', '', now - 302))).status).toBe(401);
    expect((await sent(signed('GET', '/snapshot', '', now + 302))).status).toBe(401);
    expect((await sent(signed('GET', '/snapshot', '', now - 299))).status).toBe(200);
  });

  it('is refused where the identity is revoked, over, of another vault, or not there', async () => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      expiresAt: clock.now() + 1000,
    });
    expect((await vault.request('GET', '/snapshot', undefined, { as })).status).toBe(200);
    clock.advance(1000);
    expect((await vault.request('GET', '/snapshot', undefined, { as })).status).toBe(401);
    const unknown = { id: 'auto_0000000000000000', keys: newKeyPair() };
    expect((await vault.request('GET', '/snapshot', undefined, { as: unknown })).status).toBe(401);
    await vault.context.bookkeep((db) => db.updateTable('automations').set({ revoked_at: 1 }).execute());
    expect((await vault.request('GET', '/snapshot')).status).toBe(401);
  });

  it('V7: an identity is locked out from an address after ten failures in a row, and let in again', async () => {
    const forged = () =>
      vault.request<Problem>('GET', '/snapshot', undefined, {
        as: { id: vault.identity.id, keys: newKeyPair() },
      });
    for (let failure = 0; failure < 10; failure += 1) expect((await forged()).status).toBe(401);
    const locked = await vault.request<Problem>('GET', '/snapshot');
    expect([locked.status, locked.body.code, locked.headers['retry-after']]).toEqual([
      429,
      'LockedOut',
      '60',
    ]);
    clock.advance(61_000);
    expect((await vault.request('GET', '/snapshot')).status).toBe(200);
  });
});

describe('what is sent (V7)', () => {
  it('an unknown field is refused by its path, and what stood there is not repeated', async () => {
    const fence = await vault.fence();
    const { status, body, headers } = await vault.request<Problem>('POST', '/reservations', {
      fence: { ...fence, secret: 'hunter2' },
      class: 'people',
      actions: [{ kind: 'Nothing', key: 'hunter2' }],
      approval: null,
    });
    expect([status, body.code]).toEqual([400, 'InvalidRequest']);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body.detail).toContain('fence: does not know secret');
    expect(body.detail).toContain('actions.0.kind');
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('a body that is no JSON, too many steps, and a route that is not there are refused', async () => {
    expect((await sent(signed('POST', '/lease', '{'))).body.code).toBe('InvalidRequest');
    const fence = await vault.fence();
    const step = {
      idempotencyKey: 'k',
      provenance: {},
      action: { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } },
    };
    const many = await vault.request<Problem>('POST', '/steps', { fence, steps: Array(501).fill(step) });
    expect([many.status, many.body.code]).toEqual([400, 'InvalidRequest']);
    expect((await vault.request<Problem>('GET', '/nothing')).body.code).toBe('RouteNotFound');
  });

  it('a body beyond 16 MiB is refused by its length', async () => {
    const { status } = await vault.request('POST', '/lease', { manager: 'x'.repeat(17 * 1024 * 1024) });
    expect(status).toBe(413);
  });
});
