import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signText } from '#identity/key-pair.ts';
import type { SyncAnswer } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { newIdentity, type SignedBy, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { owner, type Person } from '../world/people.ts';

const INSIDE = '10.1.2.3';
const OUTSIDE = '192.0.2.7';

let vault: TestVault;
let boss: Person;
beforeEach(async () => {
  const network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) };
  vault = await startTestVault({ network });
  boss = await owner(vault);
});
afterEach(() => vault[Symbol.asyncDispose]());

const bounded = (): Promise<SignedBy> =>
  newIdentity(vault.context, vault.vaultId, vault.owner, { addresses: ['10.0.0.0/8'] });
const from = (source: string) => ({ headers: { 'x-forwarded-for': source } });

async function syncFrom(source: string, as: SignedBy = vault.identity) {
  const ids = await setValues(vault, { 'payments/db': 'v' });
  const name = `m${crypto.randomUUID().slice(0, 8)}`;
  const { id: machineId, keys } = await newMachine(vault, name, [{ project: 'payments', secrets: ['db'] }]);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = crypto.randomUUID();
  const { audience, vaultId } = vault;
  const proof = signText(keys.privateKey, syncPayload({ audience, vaultId, machineId, timestamp, nonce }));
  const body = { machines: [{ machineId, timestamp, nonce, proof, secrets: [ids['payments/db']] }] };
  const answer = await vault.request<SyncAnswer>('POST', '/sync', body, { as, ...from(source) });
  return { status: answer.status, values: answer.body.machines?.[0]?.secrets.map(({ value }) => value) };
}

describe('the addresses of an automation identity (V9)', () => {
  it('bound its requests, and are shown with its other bounds', async () => {
    const as = await bounded();
    const ask = (source: string) => vault.request('GET', '/snapshot', undefined, { as, ...from(source) });
    expect((await ask(INSIDE)).status).toBe(200);
    expect(await ask(OUTSIDE)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    const { body } = await boss.ask<{ automations: object[] }>('GET', `/vaults/${vault.vaultId}/automations`);
    expect(body.automations).toContainEqual(
      expect.objectContaining({ id: as.id, addresses: ['10.0.0.0/8'] }),
    );
  });

  it('are given when it is made, as ranges', async () => {
    const make = (addresses: string[]) =>
      boss.ask('POST', `/vaults/${vault.vaultId}/automations`, { name: 'ci', abilities: [], addresses });
    expect((await make(['somewhere'])).status).toBe(400);
    expect((await make([])).status).toBe(400);
    expect((await make(['192.0.2.0/24'])).status).toBe(201);
  });
});

describe('a sync with the IP allowlist on (V9)', () => {
  beforeEach(async () => {
    const list = { enabled: true, entries: [{ range: '192.0.2.0/28' }] };
    await boss.ask('PUT', `/vaults/${vault.vaultId}/ip-allowlist`, list);
  });

  it('of an identity without addresses comes from the list', async () => {
    expect(await syncFrom(OUTSIDE)).toEqual({ status: 200, values: ['v'] });
    expect((await syncFrom(INSIDE)).status).toBe(403);
  });

  it('of an identity with addresses comes from these', async () => {
    const as = await bounded();
    expect(await syncFrom(INSIDE, as)).toEqual({ status: 200, values: ['v'] });
    expect((await syncFrom(OUTSIDE, as)).status).toBe(403);
  });
});
