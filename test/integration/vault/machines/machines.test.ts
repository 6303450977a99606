import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair, signText } from '#identity/key-pair.ts';
import { syncPayload } from '#protocol/signing.ts';
import { clientOf, setValues } from '#test/builders/machine.ts';
import { MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { member, owner, type Person } from '../world/people.ts';

const HOUR = 60 * 60;

interface Provisioned {
  machineId: string;
  machineName: string;
  expiresAt: number | null;
  bundle: Record<string, string> | null;
  code?: string;
}

describe('machines that a person makes and takes back', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let secret: string;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    boss = await owner(vault);
    const ids = await setValues(vault, { 'web/cookie': 'c1' });
    secret = `/v1/secret/${ids['web/cookie']}`;
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const access = [{ project: 'web', secrets: ['cookie'] }];
  const provision = async (more: object = {}, by: Person = boss) => {
    const path = `/vaults/${vault.vaultId}/machines`;
    return by.ask<Provisioned>('POST', path, { name: 'contractor', access, ...more });
  };
  const withKey = async (more: object = {}) => {
    const keys = newKeyPair();
    const { body, status } = await provision({ publicKey: keys.publicKey.text, ...more });
    if (status !== 201) throw new Error(`${status} ${body.code}`);
    return { keys, body, client: clientOf(vault, { id: body.machineId, name: body.machineName }, keys) };
  };
  const decide = async (method: 'POST' | 'DELETE', path: string) =>
    (await boss.ask(method, `/vaults/${vault.vaultId}/machines/contractor${path}`)).status;
  const statusOf = async (client: MachineClient) =>
    (await client.send('GET', secret, undefined, { now: clock.now() })).status;

  it('come as one bundle that a client reads with, the key made by the vault and kept nowhere', async () => {
    const { status, body } = await provision();
    expect([status, body.expiresAt]).toEqual([201, null]);
    const folder = join(vault.folder, 'bundle');
    mkdirSync(folder);
    for (const [file, text] of Object.entries(body.bundle ?? {})) writeFileSync(join(folder, file), text);
    const client = MachineClient.fromFolder(folder);
    // The request named 127.0.0.1, and SDKs take a plain connection to localhost alone.
    expect(JSON.parse(body.bundle?.['identity.json'] ?? '')).toMatchObject({ apiUrl: vault.url });
    expect(await statusOf(client)).toBe(200);
    const { entries } = (
      await boss.ask<{ entries: object[] }>('GET', `/vaults/${vault.vaultId}/audit?limit=500`)
    ).body;
    expect(JSON.stringify(entries)).not.toContain('PRIVATE KEY');
  });

  it('for a time read until their end, and cannot be enabled past it', async () => {
    const { client, body } = await withKey({ lifeSeconds: HOUR });
    expect(body).toMatchObject({ expiresAt: clock.now() + HOUR * 1000, bundle: null });
    clock.advance(HOUR * 1000 - 1);
    expect(await statusOf(client)).toBe(200);
    clock.advance(1);
    expect(await statusOf(client)).toBe(401);
    expect(await decide('POST', '/disable')).toBe(204);
    expect(await decide('POST', '/enable')).toBe(422);
  });

  it.each([HOUR - 1, 366 * 24 * HOUR + 1])(
    'are not made for %s seconds: 1 hour to 12 months',
    async (life) => {
      expect((await provision({ lifeSeconds: life })).status).toBe(400);
    },
  );

  it('keep to the addresses and hours of their guardrails: 403', async () => {
    await vault[Symbol.asyncDispose]();
    const network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) };
    vault = await startTestVault({ clock, network });
    boss = await owner(vault);
    const ids = await setValues(vault, { 'web/cookie': 'c1' });
    const hour = new Date(clock.now()).getUTCHours();
    const two = (value: number) => String(value % 24).padStart(2, '0');
    const window = {
      timeZone: 'UTC',
      days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
      from: `${two(hour)}:00`,
      to: `${two(hour + 2)}:00`,
    };
    const guardrails = { addresses: ['198.51.100.0/24', '2001:db8::/32'], window };
    const { client } = await withKey({ lifeSeconds: 24 * HOUR, guardrails });
    const read = async (from: string) => {
      const headers = { 'x-forwarded-for': from };
      const target = `/v1/secret/${ids['web/cookie']}`;
      return (await client.send('GET', target, undefined, { now: clock.now(), headers })).status;
    };
    expect(await read('198.51.100.7')).toBe(200);
    expect(await read('2001:db8::7')).toBe(200);
    expect(await read('203.0.113.7')).toBe(403);
    clock.advance(2 * HOUR * 1000);
    expect(await read('198.51.100.7')).toBe(403);
  });

  it('with guardrails are not read for by automation, which is not who they are about (V9)', async () => {
    const { body, keys } = await withKey({
      lifeSeconds: HOUR,
      guardrails: { addresses: ['198.51.100.0/24'] },
    });
    const timestamp = String(Math.floor(clock.now() / 1000));
    const { audience, vaultId } = vault;
    const { machineId } = body;
    const proof = signText(
      keys.privateKey,
      syncPayload({ audience, vaultId, machineId, timestamp, nonce: 'n' }),
    );
    const machines = [{ machineId, timestamp, nonce: 'n', proof, secrets: [] }];
    const answer = await vault.request<{ machines: object[] }>('POST', '/sync', { machines });
    expect(answer.body.machines).toMatchObject([{ error: 'Guarded' }]);
  });

  it('without an end take no guardrails', async () => {
    const guardrails = { addresses: ['198.51.100.0/24'] };
    expect(await provision({ guardrails })).toMatchObject({ status: 422, body: { code: 'Invalid' } });
  });

  it('are disabled and enabled by a person, and what a person gives back needs no answer from Git', async () => {
    const { client } = await withKey();
    expect(await decide('POST', '/disable')).toBe(204);
    expect(await statusOf(client)).toBe(403);
    expect((await vault.snapshot()).tombstones).toMatchObject([
      { act: 'MachineDisabled', key: 'contractor' },
    ]);
    expect(await decide('POST', '/enable')).toBe(204);
    expect(await statusOf(client)).toBe(200);
    expect((await vault.snapshot()).tombstones).toEqual([]);
    expect(await decide('POST', '/enable')).toBe(422);
  });

  it('show before they are revoked what falls away, and then it does (rail 7)', async () => {
    const { client, keys, body } = await withKey();
    const claim = { kind: 'MachineBinding', applied: {} } as const;
    const claimed = await vault.step(
      { kind: 'Claim', key: 'MachineBinding/contractor', before: null, after: claim },
      { record: record('MachineBinding', 'contractor') },
    );
    expect(claimed).toBe('Done');
    const shown = await boss.ask('GET', `/vaults/${vault.vaultId}/machines/contractor/revocation`);
    expect(shown).toMatchObject({
      status: 200,
      body: {
        machineId: body.machineId,
        projects: access,
        keys: [{ fingerprint: keys.publicKey.fingerprint, lastUsedAt: null }],
        manager: 'acme/acme',
      },
    });
    expect(await statusOf(client)).toBe(200);
    expect(await decide('DELETE', '')).toBe(204);
    expect(await statusOf(client)).toBe(401);
    const { machines, tombstones } = await vault.snapshot();
    expect([machines, tombstones.map(({ act }) => act)]).toEqual([[], ['MachineRevoked']]);
    expect((await boss.ask('GET', `/vaults/${vault.vaultId}/machines/contractor/revocation`)).status).toBe(
      404,
    );
  });

  it('take Machines: Manage, and Secrets: Manage in their projects (H1)', async () => {
    const after = { description: '', capabilities: { Machines: ['Manage'] }, projectScope: 'All' } as const;
    await vault.step({ kind: 'CreateTemplate', key: 'machines', before: null, after });
    const alice = await member(vault, 'alice@acme.example', { template: 'machines' });
    expect((await provision({}, alice)).status).toBe(403);
    expect((await provision({ access: [] }, alice)).status).toBe(201);
  });
});
