import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MovedClock, ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { deliverDue, enqueueDelivery } from '#vault/integrations/deliveries.ts';
import { NOBODY_OBSERVES } from '#vault/mail/observer.ts';
import { keysOfOthers, rotateRootKey } from '#vault/upkeep/root-key-rotation.ts';
import { examine } from '#vault/upkeep/verification.ts';
import { cellHolders } from '../world/cell-holders.ts';
import { owner, type Person } from '../world/people.ts';
import {
  reachingLoopback,
  startWebhookReceiver,
  type Told,
  type WebhookReceiver,
} from '../world/webhook-receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('an integration', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let receiver: WebhookReceiver;
  let boss: Person;
  beforeEach(async () => {
    // The rounds of the server itself would take a delivery out of the test's hands.
    vi.useFakeTimers({ toFake: ['setInterval'] });
    clock = new MovedClock();
    vault = await startTestVault({ clock, outgoing: { webhooks: reachingLoopback() } });
    receiver = await startWebhookReceiver();
    boss = await owner(vault);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await receiver[Symbol.asyncDispose]();
    await vault[Symbol.asyncDispose]();
  });

  const at = (path = ''): string => `/vaults/${vault.vaultId}/integrations${path}`;
  const create = async (name = 'chat'): Promise<string> => {
    const { status, body } = await boss.ask<{ secret: string }>('POST', at(), { name, url: receiver.url });
    if (status !== 201) throw new Error(`create: ${status} ${JSON.stringify(body)}`);
    return body.secret;
  };
  it('is in the audit log by where it leads, and not by the path that may be all that guards it (A1)', async () => {
    await boss.ask('POST', at(), { name: 'chat', url: `${receiver.url}/planted-path?key=planted-key` });
    await boss.ask('PUT', at('/chat'), { url: `${receiver.url}/planted-other`, enabled: true });
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', 'like', 'integration.%')
      .execute();
    expect(rows.map(({ entry }) => JSON.parse(entry).details.origin)).toEqual([
      new URL(receiver.url).origin,
      new URL(receiver.url).origin,
    ]);
    expect(JSON.stringify(rows)).not.toContain('planted');
  });

  const enqueue = () =>
    vault.context.bookkeep(async (db) => {
      const { id } = await db.selectFrom('integrations').select('id').executeTakeFirstOrThrow();
      await enqueueDelivery(db, id, {
        ...{ vaultId: vault.vaultId, type: 'member.removed', entry: 'aud_1', at: clock.now() },
        actor: { type: 'member', name: 'owner' },
        subject: { kind: 'Member', key: 'alice@acme.example' },
      });
    });
  const deliver = (through = vault) => {
    const { signal } = new AbortController();
    return deliverDue(through.context, NOBODY_OBSERVES, { noMore: signal, hurry: signal });
  };
  const health = async () => {
    const { body } = await (await owner(vault)).ask<{ integrations: Record<string, unknown>[] }>('GET', at());
    return body.integrations[0];
  };
  const waits = async () => {
    const { next_attempt_at } = await vault.context.reader
      .selectFrom('deliveries')
      .select('next_attempt_at')
      .executeTakeFirstOrThrow();
    return next_attempt_at === null ? null : next_attempt_at - clock.now();
  };

  it('is told of an act by a body signed with its secret and the time, and never of details', async () => {
    const secret = await create();
    await enqueue();
    await deliver();
    await deliver();
    expect(receiver.told).toHaveLength(1);
    const { headers, body } = receiver.told[0] as Told;
    expect(JSON.parse(body)).toEqual({
      id: headers['seneschal-delivery'],
      ...{ vaultId: vault.vaultId, type: 'member.removed', entry: 'aud_1', at: clock.now() },
      actor: { type: 'member', name: 'owner' },
      subject: { kind: 'Member', key: 'alice@acme.example' },
    });
    const seconds = Math.floor(clock.now() / 1000);
    const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    expect(headers['seneschal-signature']).toBe(`t=${seconds},v1=${mac}`);
    expect(await health()).toMatchObject({ lastSuccessAt: clock.now(), failures: 0, lastError: null });
  });

  it('is tried again, ever later, while it fails, and shows how it is', async () => {
    await create();
    receiver.answer = { status: 503 };
    await enqueue();
    await deliver();
    expect(await waits()).toBe(MINUTE);
    expect(await health()).toMatchObject({
      failures: 1,
      lastError: 'Status 503',
      lastFailureAt: clock.now(),
    });
    clock.advance(MINUTE);
    await deliver();
    expect(await waits()).toBe(5 * MINUTE);
    receiver.answer = { status: 200 };
    clock.advance(5 * MINUTE);
    await deliver();
    expect(await waits()).toBeNull();
    expect(await health()).toMatchObject({ failures: 0, lastSuccessAt: clock.now(), disabledAt: null });
  });

  it('that failed twenty times in a row and for a day is switched off, audited, and told nothing until it is on again', async () => {
    await create();
    receiver.answer = { status: 500 };
    for (let time = 0; time < 25; time++) await enqueue();
    await deliver();
    expect(await health()).toMatchObject({ failures: 25, disabledAt: null });
    clock.advance(24 * HOUR);
    await deliver();
    expect(await health()).toMatchObject({ disabledAt: clock.now() });
    const told = receiver.told.length;
    clock.advance(24 * HOUR);
    await deliver();
    expect(receiver.told).toHaveLength(told);
    boss = await owner(vault);
    const { body } = await boss.ask<{ entries: { action: string; actor: { name: string } }[] }>(
      'GET',
      `/vaults/${vault.vaultId}/audit?limit=500`,
    );
    const off = body.entries.filter(({ action }) => action === 'integration.disabled');
    expect(off.map(({ actor }) => actor.name)).toEqual(['system']);

    receiver.answer = { status: 200 };
    expect((await boss.ask('PUT', at('/chat'), { url: receiver.url, enabled: true })).status).toBe(204);
    expect(await health()).toMatchObject({ failures: 0, disabledAt: null });
    await enqueue();
    await deliver();
    expect(receiver.told).toHaveLength(told + 1);
  });

  it('is tested at once, and the answer says how it went, not what it answered', async () => {
    await create();
    expect((await boss.ask('POST', at('/chat/test'))).body).toEqual({ delivered: true, error: null });
    expect(JSON.parse(receiver.told[0]?.body ?? '')).toMatchObject({ type: 'test', entry: null });
    receiver.answer = { status: 302, location: receiver.url };
    expect((await boss.ask('POST', at('/chat/test'))).body).toEqual({
      delivered: false,
      error: 'Status 302',
    });
    await using closed = await startTestVault();
    const other = await owner(closed);
    const path = `/vaults/${closed.vaultId}/integrations`;
    await other.ask('POST', path, { name: 'chat', url: receiver.url });
    expect((await other.ask('POST', `${path}/chat/test`)).body).toEqual({
      delivered: false,
      error: 'PrivateAddress',
    });
  });

  it('has a secret that is answered once, stored under the root key, and renewed', async () => {
    const first = await create();
    expect(first).toMatch(/^whsec_[\w-]{43}$/);
    const rows = await vault.context.reader.selectFrom('integrations').selectAll().execute();
    expect(JSON.stringify([rows, await health()])).not.toContain(first);
    const { body } = await boss.ask<{ secret: string }>('POST', at('/chat/secret'));
    expect(body.secret).not.toBe(first);
    await boss.ask('POST', at('/chat/test'));
    const { headers, body: sent } = receiver.told[0] as Told;
    const seconds = Math.floor(clock.now() / 1000);
    const mac = createHmac('sha256', body.secret).update(`${seconds}.${sent}`).digest('hex');
    expect(headers['seneschal-signature']).toContain(mac);
  });

  it('is told on under another root key, and its secret is checked with the rest (V5)', async () => {
    await create();
    const another = new RootKey(Buffer.alloc(32, 9));
    vault.context.cipher.holdKeys(another, [ROOT_KEY]);
    expect(await rotateRootKey(vault.context)).toMatchObject({ broken: [] });
    vault.context.cipher.holdKeys(another, []);
    expect(await keysOfOthers(vault.context)).toBe(0);
    expect((await boss.ask('POST', at('/chat/test'))).body).toMatchObject({ delivered: true });
    expect((await examine(vault.context.reader, vault.context.cipher)).faults).toEqual([]);
    await vault.database.edit('update integrations set id = ?', 'int_moved');
    const { faults } = await examine(vault.context.reader, vault.context.cipher);
    expect(faults).toEqual([
      'int_moved: the secret of the webhook: It does not open: it was changed or moved.',
    ]);
  });

  it('waits while the server is sealed, and no failure is counted', async () => {
    await create();
    await enqueue();
    vault.context.cipher.holdKeys(null, []);
    await deliver();
    expect(await boss.ask('POST', at(), { name: 'two', url: receiver.url })).toMatchObject({
      status: 503,
      body: { code: 'Sealed' },
    });
    expect(await health()).toMatchObject({ failures: 0, lastError: null });
    vault.context.cipher.holdKeys(new RootKey(Buffer.alloc(32, 9)), []);
    await deliver();
    expect(await health()).toMatchObject({ failures: 0, lastError: null });
    vault.context.cipher.holdKeys(ROOT_KEY, []);
    clock.advance(5 * MINUTE);
    await deliver();
    expect(receiver.told).toHaveLength(1);
  });

  it('is deleted with what waits for it', async () => {
    await create();
    await enqueue();
    expect((await boss.ask('DELETE', at('/chat'))).status).toBe(204);
    await deliver();
    expect(receiver.told).toEqual([]);
    expect((await boss.ask('DELETE', at('/chat'))).status).toBe(404);
  });

  it.each([
    'http://hooks.acme.example/x',
    'https://user:pw@hooks.acme.example/',
    'https://hooks.acme.example/#x',
    'ftp://hooks.acme.example/',
    'hooks.acme.example',
  ])('has an address by HTTPS, without user and fragment: %s is refused', async (url) => {
    const answer = await boss.ask('POST', at(), { name: 'chat', url });
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
  });

  it('is seen with Integrations: View and changed with Integrations: Manage (V3)', async () => {
    await create();
    const { viewer, manager } = await cellHolders(vault, 'Integrations');
    expect((await viewer.ask('GET', at())).status).toBe(200);
    expect((await manager.ask('GET', at())).status).toBe(403);
    expect((await viewer.ask('DELETE', at('/chat'))).status).toBe(403);
    expect((await manager.ask('DELETE', at('/chat'))).status).toBe(204);
  });
});
