import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchStatements } from '#test/builders/statements.ts';
import { MovedClock, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { OutgoingSettings } from '#vault/act/outgoing-settings.ts';
import { sweep } from '#vault/app/sweep.ts';
import { mailsTo, tokenMailedTo } from '../world/outbox.ts';
import { askNobody, newAccount, owner, signIn } from '../world/people.ts';

const DAY = 24 * 60 * 60 * 1000;

describe('an account of one’s own', () => {
  let clock: MovedClock;
  let vault: TestVault;
  const start = async (signUp: OutgoingSettings['signUp']) => {
    clock = new MovedClock();
    vault = await startTestVault({ clock, outgoing: { signUp } });
  };
  beforeEach(() => start('invited'));
  afterEach(() => vault[Symbol.asyncDispose]());

  const ask = (email: string) => askNobody(vault, 'POST', '/accounts', { email });
  const verify = (token: string, more: object = {}) =>
    askNobody(vault, 'POST', '/accounts/verify', { token, userName: 'alice', password: PASSWORD, ...more });
  const invite = async (email: string) =>
    (await owner(vault)).ask('POST', `/vaults/${vault.vaultId}/invites`, { emails: [email] });
  const reopened = async (signUp: OutgoingSettings['signUp']) => {
    await vault[Symbol.asyncDispose]();
    await start(signUp);
  };

  it('is made with the token that was mailed; the address is verified, and the invite attaches (I1, I3)', async () => {
    await invite('alice@acme.example');
    expect((await ask('Alice@Acme.example')).status).toBe(202);
    const made = await verify(await tokenMailedTo(vault, 'alice@acme.example'));
    expect(made).toMatchObject({ status: 201, body: { email: 'alice@acme.example', userName: 'alice' } });
    const alice = await signIn(vault, 'alice@acme.example', 'none');
    const { body } = await alice.ask<{ invites: { id: string }[] }>('GET', '/me/invites');
    expect((await alice.ask('POST', `/me/invites/${body.invites[0]?.id}/accept`, {})).status).toBe(200);
    await signIn(vault, 'alice@acme.example');
  });

  it('is not there before the token has come back, whatever password anybody would choose', async () => {
    await invite('alice@acme.example');
    await ask('alice@acme.example');
    const { accounts } = await vault.context.reader
      .selectFrom('accounts')
      .select(({ fn }) => fn.countAll<number>().as('accounts'))
      .executeTakeFirstOrThrow();
    expect(accounts).toBe(1);
  });

  it('is made once by a token, within a day, and the token is stored by its hash alone', async () => {
    await reopened('open');
    await ask('alice@acme.example');
    const token = await tokenMailedTo(vault, 'alice@acme.example');
    const rows = await vault.context.reader.selectFrom('sign_ups').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    const answers = await Promise.all([verify(token), verify(token), verify(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404]);

    await ask('bob@acme.example');
    const late = await tokenMailedTo(vault, 'bob@acme.example');
    clock.advance(DAY);
    expect(await verify(late)).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    await sweep(vault.context);
    expect(await vault.context.reader.selectFrom('sign_ups').selectAll().execute()).toEqual([]);
  });

  it('keeps the token where the password is too short, so that another can be chosen', async () => {
    await reopened('open');
    await ask('alice@acme.example');
    const token = await tokenMailedTo(vault, 'alice@acme.example');
    expect(await verify(token, { password: 'short' })).toMatchObject({
      status: 422,
      body: { code: 'PasswordTooShort' },
    });
    expect((await verify(token)).status).toBe(201);
  });

  it('is asked for alike whether the address has one, may have one or may not: the same answer and the same statements (I1)', async () => {
    await newAccount(vault, 'known@acme.example');
    await invite('invited@acme.example');
    await ask('warm@acme.example');
    using statements = watchStatements();
    const seen: [number, unknown, string[]][] = [];
    for (const name of ['known', 'invited', 'unknown']) {
      statements.taken();
      const { status, body } = await ask(`${name}@acme.example`);
      seen.push([status, body, statements.taken()]);
    }
    expect(seen[0]?.slice(0, 2)).toEqual([202, null]);
    expect(seen[0]?.[2].filter((text) => text.startsWith('insert'))).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);

    const told = async (name: string) =>
      (await mailsTo(vault, `${name}@acme.example`))
        .filter(({ kind }) => kind !== 'invite')
        .map(({ kind, state, lastError, text }) => [kind, state, lastError, /#(ver)_/.exec(text)?.[1]]);
    expect(await told('known')).toEqual([['account-is-there', 'Waiting', null, undefined]]);
    expect(await told('invited')).toEqual([['verify-address', 'Waiting', null, 'ver']]);
    expect(await told('unknown')).toEqual([['verify-address', 'NotSent', 'NotInvited', undefined]]);
  });

  it('is mailed about three times a day and no more, and the answer stays the same', async () => {
    await reopened('open');
    for (let time = 0; time < 5; time++) expect((await ask('alice@acme.example')).status).toBe(202);
    expect(await mailsTo(vault, 'alice@acme.example')).toHaveLength(3);
    clock.advance(DAY);
    await ask('alice@acme.example');
    expect(await mailsTo(vault, 'alice@acme.example')).toHaveLength(4);
  });

  it('is for nobody where signing up is closed, and nowhere where no mail goes out', async () => {
    await reopened('closed');
    await invite('alice@acme.example');
    expect(await ask('alice@acme.example')).toMatchObject({ status: 403, body: { code: 'SignUpClosed' } });
    expect(await verify(`ver_${'a'.repeat(43)}`)).toMatchObject({
      status: 403,
      body: { code: 'SignUpClosed' },
    });
    await using mute = await startTestVault({ outgoing: { mail: null, signUp: 'open' } });
    const answer = await askNobody(mute, 'POST', '/accounts', { email: 'alice@acme.example' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'NoMailServer' } });
  });

  it('is asked for sixty times a minute by one source at most (V7)', async () => {
    for (let time = 0; time < 60; time++) await ask('alice@acme.example');
    expect(await ask('bob@acme.example')).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    clock.advance(60_000);
    expect((await ask('bob@acme.example')).status).toBe(202);
  });
});
