/** What automation signs is for one address of a vault (V4). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair, signText } from '#identity/key-pair.ts';
import type { Problem, SyncAnswer } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { DIRECT } from '#vault/http/network.ts';

const PUBLIC = 'https://vault.acme.example';
const SERVICE = 'https://vault.vault.svc:8443';
const RELAY = 'https://relay.example';

let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault({
    network: { ...DIRECT, publicUrl: PUBLIC, audiences: new Set([PUBLIC, SERVICE]) },
  });
});
afterEach(() => vault[Symbol.asyncDispose]());

const ask = (audience: string, headers: Record<string, string> = {}) =>
  vault.request<Problem>('GET', '/snapshot', undefined, { audience, headers });

describe('a request that is signed for', () => {
  it.each([PUBLIC, SERVICE])('%s, an address of the vault, passes', async (audience) => {
    expect((await ask(audience)).status).toBe(200);
  });

  it('another address is refused, and told none of the vault', async () => {
    const { status, body } = await ask(RELAY);
    expect([status, body.code]).toEqual([401, 'WrongAudience']);
    expect(JSON.stringify(body)).not.toMatch(/acme\.example|svc|relay/);
  });

  it('an address that only the headers of the request speak of is refused', async () => {
    const host = 'relay.example';
    const said = { host, 'x-forwarded-host': host, 'x-forwarded-proto': 'https', forwarded: `host=${host}` };
    expect((await ask(RELAY, said)).body.code).toBe('WrongAudience');
    expect((await ask(PUBLIC, said)).status, 'and one of the vault passes by whatever way it came').toBe(200);
  });

  it('one address does not pass as one for another', async () => {
    const { status, body } = await ask(RELAY, { 'x-audience': PUBLIC });
    expect([status, body.code]).toEqual([401, 'Unauthenticated']);
  });

  it('another address locks nobody out: who signed it has the key', async () => {
    for (let again = 0; again < 12; again += 1) expect((await ask(RELAY)).body.code).toBe('WrongAudience');
    expect((await ask(PUBLIC)).status).toBe(200);
  });

  it('no address of the vault by somebody without the key learns nothing of its addresses', async () => {
    const as = { id: vault.identity.id, keys: newKeyPair() };
    for (const audience of [PUBLIC, RELAY]) {
      const { body } = await vault.request<Problem>('GET', '/snapshot', undefined, { as, audience });
      expect(body.code).toBe('Unauthenticated');
    }
  });
});

describe('the proof of a machine', () => {
  async function syncedBy(proven: string): Promise<SyncAnswer['machines'][number] | undefined> {
    const ids = await setValues(vault, { 'payments/db': 'v' });
    const { id: machineId, keys } = await newMachine(vault, `m${crypto.randomUUID().slice(0, 8)}`, [
      { project: 'payments', secrets: ['db'] },
    ]);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = crypto.randomUUID();
    const line = syncPayload({ audience: proven, vaultId: vault.vaultId, machineId, timestamp, nonce });
    const claim = { machineId, timestamp, nonce, proof: signText(keys.privateKey, line) };
    const body = { machines: [{ ...claim, secrets: [ids['payments/db']] }] };
    return (await vault.request<SyncAnswer>('POST', '/sync', body, { audience: PUBLIC })).body.machines[0];
  }

  it('names the address that the request is signed for, not another one of the vault', async () => {
    expect(await syncedBy(PUBLIC)).toMatchObject({ error: null, secrets: [{ value: 'v' }] });
    expect(await syncedBy(SERVICE)).toMatchObject({ error: 'BadProof' });
    expect(await syncedBy(RELAY)).toMatchObject({ error: 'BadProof' });
  });
});
