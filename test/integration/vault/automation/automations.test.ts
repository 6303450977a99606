import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair, parsePrivatePem } from '#identity/key-pair.ts';
import type { Ability, Problem } from '#protocol/management.ts';
import { MovedClock, type SignedBy, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { revokeAllAutomations } from '#vault/automation/automations.ts';
import { owner, type Person } from '../world/people.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly abilities: string[];
  readonly projects: string[] | null;
  readonly machinesPerHour: number | null;
  readonly createdBy: string | null;
  readonly revokedAt: number | null;
  readonly keys: { fingerprint: string; lastUsedAt: number | null }[];
}

const clock = new MovedClock();
let vault: TestVault;
let boss: Person;
beforeEach(async () => {
  vault = await startTestVault({ clock });
  boss = await owner(vault);
});
afterEach(() => vault[Symbol.asyncDispose]());

const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
const READS: readonly Ability[] = [];

async function made(fields: object): Promise<SignedBy> {
  clock.advance(1);
  const { status, body } = await boss.ask<{ id: string; privateKey: string }>(
    'POST',
    at('/automations'),
    fields,
  );
  const keys = parsePrivatePem(body.privateKey);
  if (status !== 201 || keys === undefined) throw new Error(JSON.stringify(body));
  return { id: body.id, keys };
}
const snapshotStatus = async (as: SignedBy): Promise<number> =>
  (await vault.request('GET', '/snapshot', undefined, { as })).status;
const listed = async (): Promise<Listed[]> =>
  (await boss.ask<{ automations: Listed[] }>('GET', at('/automations'))).body.automations;

describe('automation identities (V4)', () => {
  it('are listed with what they are held to, in the order in which they were made', async () => {
    await made({ name: 'ci', abilities: ['machines:manage'], projects: ['Main'], machinesPerHour: 3 });
    const [first, second] = await listed();
    expect(first).toMatchObject({ name: 'operator', state: 'Active', projects: null, machinesPerHour: null });
    expect(second).toMatchObject({
      name: 'ci',
      abilities: ['machines:manage'],
      projects: ['Main'],
      machinesPerHour: 3,
      createdBy: 'owner',
      revokedAt: null,
      keys: [{ lastUsedAt: null }],
    });
  });

  it.each([
    [{ name: 'x', abilities: ['organizations:transfer'] }, 400, 'InvalidRequest'],
    [{ name: 'x', abilities: ['organization:convert'] }, 400, 'InvalidRequest'],
    [{ name: 'x', abilities: ['organization:delete'] }, 400, 'InvalidRequest'],
    [{ name: 'x', abilities: ['values:sync', 'values:sync'] }, 400, 'InvalidRequest'],
    [{ name: 'x', abilities: [], projects: ['Nowhere'] }, 404, 'NotFound'],
    [{ name: 'x', abilities: [], publicKey: 'AAAA' }, 422, 'Invalid'],
    [{ name: 'x', abilities: [], expiresAt: 1 }, 422, 'Invalid'],
    [{ name: 'operator', abilities: [] }, 409, 'NameTaken'],
  ])('%j is refused with %i %s: the list of abilities is closed', async (fields, status, code) => {
    const answer = await boss.ask('POST', at('/automations'), fields);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await listed()).toHaveLength(1);
  });

  it('revoked, the next request is refused, the list says so, and the name is free again', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    expect(await snapshotStatus(ci)).toBe(200);
    expect((await boss.ask('DELETE', at(`/automations/${ci.id}`))).status).toBe(204);
    expect(await snapshotStatus(ci)).toBe(401);
    const [, revoked] = await listed();
    expect(revoked).toMatchObject({ state: 'Revoked', revokedAt: clock.now() });
    expect((await boss.ask('DELETE', at(`/automations/${ci.id}`))).status).toBe(404);
    await made({ name: 'ci', abilities: READS });
  });

  it('revoked, a long poll that is open ends with 401, and the others are told what moved', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    const { revision } = await vault.snapshot();
    const path = `/changes?since=${revision}&wait=30`;
    const open = vault.request<Problem>('GET', path, undefined, { as: ci });
    const other = vault.request<{ revision: number }>('GET', path);
    await boss.ask('DELETE', at(`/automations/${ci.id}`));
    expect(await open).toMatchObject({ status: 401, body: { code: 'Unauthenticated' } });
    expect((await other).body.revision).toBe(revision + 1);
  });

  it('past its end it is refused, and listed as expired', async () => {
    const ci = await made({ name: 'ci', abilities: READS, expiresAt: clock.now() + 60_000 });
    expect(await snapshotStatus(ci)).toBe(200);
    clock.advance(60_000);
    expect(await snapshotStatus(ci)).toBe(401);
    expect((await listed())[1]?.state).toBe('Expired');
  });

  it('all of them end with the ownership (O3)', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    await vault.context.act(vault.vaultId, vault.owner, revokeAllAutomations);
    expect(await snapshotStatus(ci)).toBe(401);
    expect((await listed()).map(({ state }) => state)).toEqual(['Revoked', 'Revoked']);
  });
});

describe('keys of an automation identity (V4)', () => {
  it('a second key follows the first: both are taken, each with its last use, until one is revoked', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    const keys = newKeyPair();
    const added = await boss.ask<{ fingerprint: string; privateKey: null }>(
      'POST',
      at(`/automations/${ci.id}/keys`),
      { publicKey: keys.publicKey.text },
    );
    expect(added).toMatchObject({
      status: 201,
      body: { fingerprint: keys.publicKey.fingerprint, privateKey: null },
    });
    const next = { id: ci.id, keys };
    expect([await snapshotStatus(ci), await snapshotStatus(next)]).toEqual([200, 200]);
    clock.advance(60_000);
    expect(await snapshotStatus(next)).toBe(200);
    const uses = (await listed())[1]?.keys.map(({ lastUsedAt }) => lastUsedAt);
    expect(uses?.toSorted()).toEqual([clock.now() - 60_000, clock.now()]);

    const old = ci.keys.publicKey.fingerprint;
    expect((await boss.ask('DELETE', at(`/automations/${ci.id}/keys/${old}`))).status).toBe(204);
    expect([await snapshotStatus(ci), await snapshotStatus(next)]).toEqual([401, 200]);
    const last = await boss.ask('DELETE', at(`/automations/${ci.id}/keys/${keys.publicKey.fingerprint}`));
    expect(last).toMatchObject({ status: 409, body: { code: 'LastKey' } });
  });

  it('there is never a third, and never the same twice', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    const add = (publicKey: string) => boss.ask('POST', at(`/automations/${ci.id}/keys`), { publicKey });
    expect(await add(ci.keys.publicKey.text)).toMatchObject({
      status: 409,
      body: { code: 'FingerprintTaken' },
    });
    expect((await add(newKeyPair().publicKey.text)).status).toBe(201);
    expect(await add(newKeyPair().publicKey.text)).toMatchObject({
      status: 409,
      body: { code: 'KeySlotsBusy' },
    });
  });

  it('takes a proof of the owner within the last five minutes, as the identity did', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    clock.advance(5 * 60_000 + 1);
    const answer = await boss.ask('POST', at(`/automations/${ci.id}/keys`), {});
    expect(answer).toMatchObject({ status: 403, body: { code: 'ProofNeeded' } });
  });

  it('revoked during a long poll that it signed, the poll ends with 401', async () => {
    const ci = await made({ name: 'ci', abilities: READS });
    await boss.ask('POST', at(`/automations/${ci.id}/keys`), {});
    const { revision } = await vault.snapshot();
    const open = vault.request('GET', `/changes?since=${revision}&wait=30`, undefined, { as: ci });
    await boss.ask('DELETE', at(`/automations/${ci.id}/keys/${ci.keys.publicKey.fingerprint}`));
    expect((await open).status).toBe(401);
  });
});
