import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock, OWNER, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { deleteAccount } from '#vault/accounts/account-deletion.ts';
import { askForEmail } from '#vault/accounts/email-change.ts';
import { changePassword } from '#vault/accounts/password-change.ts';
import { PasswordCheck } from '#vault/accounts/sign-in/password-check.ts';
import { regenerateRecoveryCodes, removeSecondFactor } from '#vault/accounts/sign-in/second-factor.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { openSession, sessionOf } from '#vault/sessions/sessions.ts';
import { askNobody, member, newAccount, owner, type Person, signIn } from '../world/people.ts';
import { withSecondFactor } from '../world/second-factor.ts';

interface Listed {
  readonly id: string;
  readonly current: boolean;
  readonly lastSeenAt: number;
}

describe('the sessions of a person', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    clock = new MovedClock();
    const network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) };
    vault = await startTestVault({ clock, network });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const list = async (by = boss) => (await by.ask<{ sessions: Listed[] }>('GET', '/sessions')).body.sessions;
  const others = async () => (await list()).filter(({ current }) => !current).map(({ id }) => id);
  const isOpen = async (person: Person): Promise<boolean> =>
    (await person.ask('GET', '/me/invites')).status === 200;

  it('are listed with where they came from, newest first, and never with a token or its hash', async () => {
    clock.advance(1000);
    const body = { email: OWNER, password: PASSWORD };
    const opened = await askNobody<{ token: string }>(vault, 'POST', '/sessions', body, {
      'x-forwarded-for': '192.0.2.7',
      'user-agent': `Browser/1.0 \u00e4${'x'.repeat(300)}`,
    });
    const listed = await boss.ask<{ sessions: object[] }>('GET', '/sessions');
    expect(listed.body.sessions).toEqual([
      {
        id: expect.stringMatching(/^sid_/),
        createdAt: clock.now(),
        lastSeenAt: clock.now(),
        expiresAt: clock.now() + 12 * 3600 * 1000,
        source: '192.0.2.7',
        userAgent: `Browser/1.0 ${'x'.repeat(188)}`,
        vaultId: null,
        current: false,
      },
      expect.objectContaining({ source: '127.0.0.1', vaultId: vault.vaultId, current: true }),
    ]);
    const rows = await vault.context.reader.selectFrom('sessions').select('token_hash').execute();
    const text = JSON.stringify(listed.body);
    for (const secret of [opened.body.token, boss.token, ...rows.map(({ token_hash }) => token_hash)]) {
      expect(text).not.toContain(secret);
    }
  });

  it('tell to five minutes when they were used last', async () => {
    const began = clock.now();
    clock.advance(5 * 60_000 - 1);
    expect(await list()).toMatchObject([{ lastSeenAt: began }]);
    clock.advance(1);
    await isOpen(boss);
    clock.advance(60_000);
    expect(await list()).toMatchObject([{ lastSeenAt: began + 5 * 60_000 }]);
  });

  it('are ended one by one, at once, and by nobody else', async () => {
    const phone = await owner(vault);
    const laptop = await owner(vault);
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    const [ofLaptop = ''] = (await list(laptop)).filter(({ current }) => current).map(({ id }) => id);
    expect((await bob.ask('DELETE', `/sessions/${ofLaptop}`)).status).toBe(404);
    expect((await boss.ask('DELETE', `/sessions/${ofLaptop}`)).status).toBe(204);
    expect([await isOpen(phone), await isOpen(laptop), await isOpen(boss)]).toEqual([true, false, true]);
    expect((await boss.ask('DELETE', `/sessions/${ofLaptop}`)).status).toBe(404);
  });

  it('are ended all but the one that asks', async () => {
    const phone = await owner(vault);
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    expect(await others()).toHaveLength(1);
    expect((await boss.ask('DELETE', '/sessions')).body).toEqual({ ended: 1 });
    expect(await others()).toEqual([]);
    expect([await isOpen(phone), await isOpen(boss), await isOpen(bob)]).toEqual([false, true, true]);
  });

  it('that are bound to a vault end with the suspension there, those to others go on (M1)', async () => {
    const alice = await member(vault, 'alice@acme.example');
    const elsewhere = await signIn(vault, 'alice@acme.example', 'none');
    await boss.ask('POST', `/vaults/${vault.vaultId}/members/alice@acme.example/suspend`);
    expect([await isOpen(alice), await isOpen(elsewhere)]).toEqual([false, true]);
    const bound = await elsewhere.ask('PUT', '/sessions/current/vault', { vaultId: vault.vaultId });
    expect(bound.body).toMatchObject({ code: 'NotAMember' });
  });

  it('are opened by no proof that was begun before the credentials changed', async () => {
    const passwords = new PasswordCheck(vault.context);
    const proof = await passwords.prove(OWNER, { password: PASSWORD }, '127.0.0.1');
    const open = () => openSession(vault.context, proof, null, { source: '', userAgent: '' });
    await open();
    await withSecondFactor(boss, clock.now());
    await expect(open()).rejects.toMatchObject({ code: 'CredentialsChanged' });
    const newPassword = 'quite different words, in no order';
    expect((await boss.ask('PUT', '/me/password', { newPassword })).status).toBe(204);
    await expect(open()).rejects.toMatchObject({ code: 'CredentialsChanged' });
  });

  it('may do what they may as long as nothing changed since they were read', async () => {
    const read = () => sessionOf(vault.context, boss.token);
    const before = await read();
    if (before === null) throw new Error('no session');
    const stale = { ...before, source: '' };
    await withSecondFactor(boss, clock.now());
    const changed = { code: 'CredentialsChanged' };
    await expect(removeSecondFactor(vault.context, stale)).rejects.toMatchObject(changed);
    await expect(regenerateRecoveryCodes(vault.context, stale)).rejects.toMatchObject(changed);
    await expect(changePassword(vault.context, stale, 'words that fit badly', '')).rejects.toMatchObject(
      changed,
    );
    await expect(askForEmail(vault.context, stale, 'x@acme.example', '')).rejects.toMatchObject(changed);
    const now = await read();
    if (now === null) throw new Error('no session');
    await removeSecondFactor(vault.context, { ...now, source: '' });
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    const his = await sessionOf(vault.context, bob.token);
    if (his === null) throw new Error('no session');
    await withSecondFactor(bob, clock.now());
    await expect(deleteAccount(vault.context, his)).rejects.toMatchObject(changed);
  });

  it('and all else that happens to an account stand in its own log, a page at a time', async () => {
    clock.advance(1000);
    await owner(vault);
    clock.advance(1000);
    const { app } = await withSecondFactor(boss, clock.now());
    clock.advance(60_000);
    await askNobody(vault, 'POST', '/sessions', {
      email: OWNER,
      password: PASSWORD,
      code: app.wrong(clock.now()),
    });
    interface Event {
      readonly id: string;
      readonly action: string;
      readonly source: string;
    }
    const events = async (query = '') =>
      (await boss.ask<{ events: Event[] }>('GET', `/me/events${query}`)).body.events;
    const all = await events();
    expect(all.map(({ action }) => action)).toEqual([
      'code.refused',
      expect.stringMatching(/^second-factor/),
      expect.stringMatching(/^second-factor/),
      'session.opened',
      'session.opened',
    ]);
    expect(new Set(all.map(({ source }) => source))).toEqual(new Set(['127.0.0.1']));
    const first = await events('?limit=2');
    expect([...first, ...(await events(`?limit=10&before=${first[1]?.id}`))]).toEqual(all);
    expect(await events('?before=evt_0000000000000000')).toEqual([]);
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    expect((await bob.ask<{ events: Event[] }>('GET', '/me/events')).body.events).toHaveLength(1);
  });
});
