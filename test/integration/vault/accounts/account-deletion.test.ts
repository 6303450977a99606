import { beforeEach, describe, expect, it } from 'vitest';
import type { MovedClock, TestVault } from '#test/builders/vault.ts';
import { kindsTo } from '../world/mail.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, newAccount, type Person, signIn } from '../world/people.ts';
import { attempt, withSecondFactor } from '../world/second-factor.ts';

const ALICE = 'alice@acme.example';

describe('the deletion of an account', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    alice = await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Write' }] });
  });

  const remove = (by: Person, confirm = 'DELETE') => by.ask('POST', '/me/deletion', { confirm });
  const rowsOf = async () => {
    const { reader } = vault.context;
    const tables = ['accounts', 'sessions', 'second_factors', 'recovery_codes', 'account_events'] as const;
    const counts = tables.map((table) =>
      reader
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow(),
    );
    return (await Promise.all(counts)).map(({ count }) => count);
  };

  it('ends each membership as left, by the person, with a tombstone; the audit log stays (M3, rail 7, A1)', async () => {
    await withSecondFactor(alice, clock.now());
    const { body } = await boss.ask<{ vaultId: string }>('POST', '/organizations', {
      displayName: 'Other',
      plan: 'Free',
    });
    const before = (await vault.context.reader.selectFrom('audit_entries').select('id').execute()).length;
    expect((await remove(alice)).status).toBe(204);
    expect((await alice.ask('GET', '/me/invites')).status).toBe(401);
    expect((await attempt(vault, ALICE)).body.code).toBe('WrongPassword');
    const { members, tombstones } = await vault.snapshot();
    expect(members.map(({ email }) => email)).toEqual(['owner@acme.example']);
    expect(tombstones.map(({ key, act, actor }) => [key, act, actor])).toEqual([[ALICE, 'Left', 'alice']]);
    const entries = await vault.context.reader.selectFrom('audit_entries').select('action').execute();
    expect(entries).toHaveLength(before + 1);
    expect(await kindsTo(vault, ALICE)).toContain('account-deleted');
    const [accounts, , factors, codes] = await rowsOf();
    expect([accounts, factors, codes]).toEqual([1, 0, 0]);
    expect(body.vaultId).toMatch(/^vault_/);
  });

  it('is refused while it owns an organization, says which, and changes nothing (O2, O3)', async () => {
    const { body } = await alice.ask<{ vaultId: string }>('POST', '/organizations', {
      displayName: 'Of Alice',
      plan: 'Free',
    });
    const rows = await rowsOf();
    const refused = await remove(alice);
    expect(refused).toMatchObject({ status: 409, body: { code: 'OwnsVaults' } });
    expect(refused.body.detail).toContain(`Of Alice (${body.vaultId})`);
    expect(await rowsOf()).toEqual(rows);
    expect((await vault.snapshot()).members).toHaveLength(2);
    expect((await vault.snapshot()).tombstones).toEqual([]);
  });

  it('takes the typed word and a proof of the last five minutes (O1)', async () => {
    expect((await remove(alice, 'delete')).status).toBe(400);
    clock.advance(5 * 60_000 + 1);
    expect((await remove(alice)).body).toMatchObject({ code: 'ProofNeeded' });
    expect((await vault.snapshot()).members).toHaveLength(2);
  });

  it('ends a suspended membership too, whose suspension is remembered (rail 7)', async () => {
    const elsewhere = await signIn(vault, ALICE, 'none');
    await boss.ask('POST', `/vaults/${vault.vaultId}/members/${ALICE}/suspend`);
    expect((await remove(elsewhere)).status).toBe(204);
    const { tombstones } = await vault.snapshot();
    expect(tombstones.map(({ act }) => act).sort()).toEqual(['Left', 'Suspended']);
  });

  it('leaves the address free for another account, which gets nothing of the former', async () => {
    await remove(alice);
    await newAccount(vault, ALICE);
    const next = await signIn(vault, ALICE, 'none');
    expect((await next.ask('PUT', '/sessions/current/vault', { vaultId: vault.vaultId })).status).toBe(403);
    expect((await next.ask<{ events: object[] }>('GET', '/me/events')).body.events).toHaveLength(1);
  });
});
