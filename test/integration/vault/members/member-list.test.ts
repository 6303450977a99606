import { beforeEach, describe, expect, it } from 'vitest';
import type { MovedClock, TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, owner, type Person } from '../world/people.ts';
import { withSecondFactor } from '../world/second-factor.ts';

interface Listed {
  readonly email: string;
  readonly signIn?: { readonly secondFactor: boolean; readonly lastSeenAt: number | null };
}

const HOUR = 60 * 60 * 1000;

describe('the list of members', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
  });

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const listed = async (by: Person, email: string): Promise<Listed | undefined> =>
    (await by.ask<{ members: Listed[] }>('GET', at('/members'))).body.members.find(
      (one) => one.email === email,
    );
  const viewer = async (email: string, auditLog: string[]): Promise<Person> => {
    const capabilities = { Organization: ['View members'], 'Audit log': auditLog };
    const after = { description: '', capabilities, projectScope: 'All' } as const;
    await vault.step({ kind: 'CreateTemplate', key: email, before: null, after });
    return member(vault, email, { template: email });
  };

  it('has template, direct grants and groups of each', async () => {
    await viewer('rita@acme.example', []);
    await boss.ask('PUT', at('/members/rita@acme.example/grants/Main'), { access: 'Write' });
    await boss.ask('POST', at('/groups'), { name: 'on-call' });
    await boss.ask('POST', at('/groups/on-call/members'), { emails: ['rita@acme.example'] });
    expect(await listed(boss, 'rita@acme.example')).toMatchObject({
      template: 'rita@acme.example',
      projectScope: null,
      grants: [{ project: 'Main', access: 'Write' }],
      groups: ['on-call'],
    });
  });

  it('says who has a second factor', async () => {
    const alice = await member(vault, 'alice@acme.example');
    await withSecondFactor(alice, clock.now());
    expect((await listed(boss, 'alice@acme.example'))?.signIn?.secondFactor).toBe(true);
    expect((await listed(boss, 'owner@acme.example'))?.signIn?.secondFactor).toBe(false);
  });

  it('says when somebody was here last, also after they signed out', async () => {
    const alice = await member(vault, 'alice@acme.example');
    clock.advance(HOUR);
    await alice.ask('GET', '/me/vaults');
    const seen = clock.now();
    expect((await alice.ask('DELETE', '/sessions/current')).status).toBe(204);
    clock.advance(HOUR);
    const later = await owner(vault);
    expect((await listed(later, 'alice@acme.example'))?.signIn?.lastSeenAt).toBe(seen);
  });

  it('tells nothing of being in another vault, and of an invitee that they were never here', async () => {
    const alice = await member(vault, 'alice@acme.example');
    const before = clock.now();
    clock.advance(HOUR);
    // The token of now is of no vault.
    const made = await alice.ask<{ vaultId: string }>('POST', '/organizations', {
      displayName: 'Other',
      plan: 'Free',
    });
    await alice.ask('PUT', '/sessions/current/vault', { vaultId: made.body.vaultId });
    const lastHere = clock.now();
    clock.advance(HOUR);
    await alice.ask('GET', '/me/vaults');
    await boss.ask('POST', at('/invites'), { emails: ['bob@acme.example'] });
    const later = await owner(vault);
    expect((await listed(later, 'alice@acme.example'))?.signIn?.lastSeenAt).toBeLessThanOrEqual(lastHere);
    expect((await listed(later, 'alice@acme.example'))?.signIn?.lastSeenAt).toBeGreaterThanOrEqual(before);
    expect((await listed(later, 'bob@acme.example'))?.signIn?.lastSeenAt).toBeNull();
  });

  it('tells how others sign in and when they were here to who sees their audit entries alone (A1)', async () => {
    const rita = await viewer('rita@acme.example', []);
    expect(await listed(rita, 'owner@acme.example')).not.toHaveProperty('signIn');
    expect((await listed(rita, 'rita@acme.example'))?.signIn?.lastSeenAt).toBe(clock.now());
    const audra = await viewer('audra@acme.example', ['View others']);
    expect((await listed(audra, 'owner@acme.example'))?.signIn?.lastSeenAt).toBe(clock.now());
  });
});
