import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { member, owner, type Person } from '../world/people.ts';

const INSIDE = '198.51.100.7';
const INSIDE_V6 = '2001:db8:1::7';
const OUTSIDE = '203.0.113.7';
const entries = [{ range: '198.51.100.0/24', description: 'office' }, { range: '2001:db8:1::/48' }];

describe('the IP allowlist of a vault', () => {
  let vault: TestVault;
  let boss: Person;
  let machine: Awaited<ReturnType<typeof newMachine>>;
  beforeEach(async () => {
    const network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) };
    vault = await startTestVault({ network });
    boss = await owner(vault);
    await setValues(vault, { 'web/cookie': 'c1' });
    machine = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie'] }]);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const path = () => `/vaults/${vault.vaultId}/ip-allowlist`;
  const set = (body: object, by: Person = boss) => by.ask('PUT', path(), body);
  const from = async (source: string, bend: object = {}) => {
    const headers = { 'x-forwarded-for': source };
    const { status, body } = await machine.client.send('GET', '/v1/secrets', undefined, { headers, ...bend });
    return status === 200 ? '200' : `${status} ${(body as { error: string }).error}`;
  };

  it('lets machines through from its ranges alone, with their next request, in IPv4 and IPv6: 403', async () => {
    expect(await from(OUTSIDE)).toBe('200');
    expect((await set({ enabled: true, entries })).status).toBe(204);
    expect([await from(INSIDE), await from(INSIDE_V6)]).toEqual(['200', '200']);
    expect(await from(OUTSIDE)).toBe('403 the vault takes no requests from this address');
    expect(await from('2001:db8:2::7')).toMatch(/^403/);
    expect((await set({ enabled: false, entries })).status).toBe(204);
    expect(await from(OUTSIDE)).toBe('200');
  });

  it('is the first check of the machine plane: before lock-out, headers and signature', async () => {
    await set({ enabled: true, entries });
    for (let i = 0; i < 11; i++) expect(await from(OUTSIDE, { signature: 'AAAA' })).toMatch(/^403/);
    expect(await from(OUTSIDE, { without: ['x-nonce'] })).toMatch(/^403/);
    expect(await from(OUTSIDE, { timestamp: '1' })).toMatch(/^403/);
    expect(await from(INSIDE, { signature: 'AAAA' })).toMatch(/^401/);
  });

  it('gates enrollment and bootstrap, and uses up no token there', async () => {
    const below = `/vaults/${vault.vaultId}`;
    const enrollment = await boss.ask<{ token: string }>('POST', `${below}/enrollment-tokens`, {
      name: 'runners',
      access: [{ project: 'web', secrets: ['cookie'] }],
      lifeSeconds: 3600,
      machineLifeSeconds: 3600,
      maxUses: 1,
    });
    const bootstrap = await boss.ask<{ token: string }>('POST', `${below}/bootstrap-tokens`, {});
    await set({ enabled: true, entries });
    const post = async (target: string, token: string, source: string) => {
      const body = JSON.stringify({ token, publicKey: newKeyPair().publicKey.text, hostname: 'runner-1' });
      return (await send(vault.server.port, 'POST', target, body, { 'x-forwarded-for': source })).status;
    };
    for (const [target, token] of [
      [`/v1/${vault.vaultId}/enroll/register`, enrollment.body.token],
      ['/v1/bootstrap/register', bootstrap.body.token],
    ] as const) {
      expect(await post(target, token, OUTSIDE)).toBe(403);
      expect(await post(target, token, INSIDE)).toBe(200);
    }
  });

  it('gates neither people nor automation', async () => {
    await set({ enabled: true, entries: [{ range: '192.0.2.1' }] });
    expect((await boss.ask('GET', path())).status).toBe(200);
    expect((await vault.snapshot()).machines).toHaveLength(1);
  });

  it('is not switched on empty unless that is forced, and then lets no machine through', async () => {
    const empty = { enabled: true, entries: [] };
    expect(await set(empty)).toMatchObject({ status: 409, body: { code: 'AllowlistEmpty' } });
    expect(await from(INSIDE)).toBe('200');
    expect((await set({ ...empty, force: true })).status).toBe(204);
    expect(await from(INSIDE)).toMatch(/^403/);
    expect((await boss.ask('GET', path())).body).toEqual(empty);
  });

  it.each([[[{ range: '10.0.0.0/33' }]], [[{ range: 'localhost' }]]])(
    'takes ranges alone: %j',
    async (wrong) => {
      expect((await set({ enabled: true, entries: wrong })).status).toBe(400);
    },
  );

  it('is seen and changed by who holds its cells (V3), and each change is audited', async () => {
    const template = async (name: string, cells: string[]) =>
      vault.step({
        kind: 'CreateTemplate',
        key: name,
        before: null,
        after: { description: '', capabilities: { 'IP allowlist': cells }, projectScope: 'All' },
      });
    await template('viewer', ['View']);
    await template('keeper', ['Manage']);
    const alice = await member(vault, 'alice@acme.example', { template: 'viewer' });
    const bob = await member(vault, 'bob@acme.example', { template: 'keeper' });
    const show = async (by: Person) => (await by.ask('GET', path())).status;
    const change = async (by: Person) => (await set({ enabled: true, entries }, by)).status;
    expect([await show(alice), await change(alice)]).toEqual([200, 403]);
    expect([await show(bob), await change(bob)]).toEqual([403, 204]);
    const log = await boss.ask<{ entries: object[] }>('GET', `/vaults/${vault.vaultId}/audit?limit=500`);
    expect(log.body.entries.at(-1)).toMatchObject({
      action: 'ip-allowlist.set',
      actor: { name: 'bob' },
      details: {
        before: { enabled: false, ranges: [] },
        after: { enabled: true, ranges: ['198.51.100.0/24', '2001:db8:1::/48'] },
        forced: false,
      },
    });
  });
});

describe('a forwarded address', () => {
  it('is nobody’s word while no proxy is trusted: the list is empty by default (V7)', async () => {
    await using vault = await startTestVault();
    const boss = await owner(vault);
    const machine = await newMachine(vault, 'web');
    const body = { enabled: true, entries: [{ range: '198.51.100.0/24' }] };
    expect((await boss.ask('PUT', `/vaults/${vault.vaultId}/ip-allowlist`, body)).status).toBe(204);
    const headers = { 'x-forwarded-for': INSIDE };
    expect((await machine.client.send('GET', '/v1/secrets', undefined, { headers })).status).toBe(403);
  });
});
