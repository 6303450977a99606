import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

describe('what people do with members', () => {
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    alice = await member(vault, 'alice@acme.example');
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const cuts = async () =>
    (await vault.snapshot()).tombstones.map(({ key, act, actor }) => [key, act, actor]);
  const stateOf = async (email: string) =>
    (await vault.snapshot()).members.find((one) => one.email === email)?.state ?? null;

  it('suspending ends sessions at once and leaves a tombstone; un-suspending takes it away (M1)', async () => {
    expect((await boss.ask('POST', at('/members/alice@acme.example/suspend'))).status).toBe(204);
    expect((await alice.ask('GET', at('/secrets'))).status).toBe(401);
    expect(await stateOf('alice@acme.example')).toBe('Suspended');
    expect(await cuts()).toEqual([['alice@acme.example', 'Suspended', 'owner']]);
    expect((await boss.ask('POST', at('/members/alice@acme.example/unsuspend'))).status).toBe(204);
    expect(await stateOf('alice@acme.example')).toBe('Active');
    expect(await cuts()).toEqual([]);
  });

  it('removing drops all access at once and leaves a tombstone (M2)', async () => {
    expect((await boss.ask('DELETE', at('/members/Alice%40acme.example'))).status).toBe(204);
    expect((await alice.ask('GET', at('/secrets'))).status).toBe(401);
    expect(await stateOf('alice@acme.example')).toBeNull();
    expect(await cuts()).toEqual([['alice@acme.example', 'Removed', 'owner']]);
  });

  it('leaving is the act of the member (M3)', async () => {
    expect((await alice.ask('POST', at('/leave'))).status).toBe(204);
    expect(await cuts()).toEqual([['alice@acme.example', 'Left', 'alice']]);
  });

  it('never touches the owner (O3, rail 3)', async () => {
    for (const [method, path] of [
      ['POST', '/members/owner@acme.example/suspend'],
      ['DELETE', '/members/owner@acme.example'],
      ['POST', '/leave'],
    ] as const) {
      expect(await boss.ask(method, at(path))).toMatchObject({ status: 422, body: { code: 'Floor' } });
    }
  });

  it('is refused to a plain member, and to a session of another vault (V3)', async () => {
    await member(vault, 'bob@acme.example');
    for (const [method, path] of [
      ['POST', '/members/bob@acme.example/suspend'],
      ['DELETE', '/members/bob@acme.example'],
      ['GET', '/members'],
    ] as const) {
      expect(await alice.ask(method, at(path))).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    }
    const made = await alice.ask<{ vaultId: string }>('POST', '/organizations', {
      displayName: 'Other',
      plan: 'Free',
    });
    expect(made.status).toBe(201);
    const elsewhere = `/vaults/${made.body.vaultId}/members`;
    expect(await boss.ask('GET', elsewhere)).toMatchObject({ status: 403, body: { code: 'NotAMember' } });
    expect(await alice.ask('GET', elsewhere)).toMatchObject({ status: 403, body: { code: 'NotAMember' } });
    const { vaultId } = made.body;
    expect((await alice.ask('PUT', '/sessions/current/vault', { vaultId })).status).toBe(204);
    expect((await alice.ask('GET', elsewhere)).status).toBe(200);
  });

  it('shows the members with their states', async () => {
    expect((await boss.ask('GET', at('/members'))).body).toEqual({
      members: [
        {
          id: expect.stringMatching(/^mem_/),
          email: 'alice@acme.example',
          accountEmail: 'alice@acme.example',
          userName: 'alice',
          role: 'Member',
          state: 'Active',
          template: null,
          projectScope: null,
          grants: [],
          groups: [],
          awaits: null,
          confirmation: null,
          signIn: { secondFactor: false, lastSeenAt: expect.any(Number) },
        },
        {
          id: expect.stringMatching(/^mem_/),
          email: 'owner@acme.example',
          accountEmail: 'owner@acme.example',
          userName: 'owner',
          role: 'Owner',
          state: 'Active',
          template: null,
          projectScope: null,
          grants: [],
          groups: ['Everyone'],
          awaits: null,
          confirmation: null,
          signIn: { secondFactor: false, lastSeenAt: expect.any(Number) },
        },
      ],
      next: null,
    });
  });
});
