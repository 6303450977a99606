import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock, OWNER, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { askForReset } from '#vault/accounts/password-change.ts';
import { kindsTo, tokenTo } from '../world/mail.ts';
import { askNobody, newAccount, owner, type Person, signIn } from '../world/people.ts';
import { attempt, STEP, withSecondFactor } from '../world/second-factor.ts';

const ANOTHER = 'quite different words, in no order';

describe('another password', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const change = (newPassword: string) => boss.ask('PUT', '/me/password', { newPassword });
  const signsIn = async (password: string): Promise<boolean> =>
    (await attempt(vault, OWNER, undefined, { password })).status === 201;

  it('ends the other sessions, and the old one signs in no more', async () => {
    const other = await owner(vault);
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    expect((await change(ANOTHER)).status).toBe(204);
    expect((await boss.ask('GET', '/me/invites')).status).toBe(200);
    expect((await other.ask('GET', '/me/invites')).status).toBe(401);
    expect((await bob.ask('GET', '/me/invites')).status).toBe(200);
    expect([await signsIn(PASSWORD), await signsIn(ANOTHER)]).toEqual([false, true]);
    expect(await kindsTo(vault, OWNER)).toEqual(['password-changed']);
  });

  it('takes a proof of the last five minutes (O1)', async () => {
    clock.advance(5 * 60_000 + 1);
    expect((await change(ANOTHER)).body).toMatchObject({ code: 'ProofNeeded' });
    expect(await signsIn(PASSWORD)).toBe(true);
  });

  it('is refused where it is short, common, or made of the own address', async () => {
    for (const [password, code] of [
      ['short', 'PasswordTooShort'],
      ['Password12345', 'PasswordCommon'],
      ['owneracme2026', 'PasswordCommon'],
    ] as const) {
      const refused = await change(password);
      expect([refused.status, refused.body.code]).toEqual([422, code]);
      expect(JSON.stringify(refused.body)).not.toContain(password);
    }
    expect(await signsIn(PASSWORD)).toBe(true);
  });

  describe('that was forgotten', () => {
    const ask = (email: string) => askNobody(vault, 'POST', '/password-resets', { email });
    const confirm = (token: string, more: object = {}) =>
      askNobody(vault, 'POST', '/password-resets/confirm', { token, newPassword: ANOTHER, ...more });

    it('is set by the token that was mailed, once; it opens no session and ends all', async () => {
      expect((await ask('Owner@Acme.example')).status).toBe(202);
      const token = await tokenTo(vault, OWNER, 'password-reset');
      const kept = await vault.context.reader.selectFrom('account_tokens').selectAll().execute();
      expect(JSON.stringify(kept)).not.toContain(token);
      expect(await confirm(token)).toMatchObject({ status: 204, body: null });
      expect((await boss.ask('GET', '/me/invites')).status).toBe(401);
      expect([await signsIn(PASSWORD), await signsIn(ANOTHER)]).toEqual([false, true]);
      expect(await confirm(token)).toMatchObject({ status: 404, body: { code: 'TokenNotFound' } });
    });

    it('is set by one of many that send the token at once', async () => {
      await ask(OWNER);
      const token = await tokenTo(vault, OWNER, 'password-reset');
      const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(token)));
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    });

    it('is answered alike for an address without an account, to which nothing is mailed', async () => {
      const known = await ask(OWNER);
      const unknown = await ask('nobody@acme.example');
      expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
      await tokenTo(vault, OWNER, 'password-reset');
      const { reader } = vault.context;
      const withheld = await reader
        .selectFrom('mails')
        .selectAll()
        .where('recipient', 'like', 'nobody%')
        .execute();
      expect(withheld).toMatchObject([{ body: '', next_attempt_at: null, last_error: 'NoAccount' }]);
    });

    it('is refused after an hour, for a token of another kind, and for one that nobody was mailed', async () => {
      await ask(OWNER);
      const token = await tokenTo(vault, OWNER, 'password-reset');
      expect((await confirm(`rst_${'A'.repeat(43)}`)).body).toMatchObject({ code: 'TokenNotFound' });
      clock.advance(60 * 60_000);
      expect((await confirm(token)).body).toMatchObject({ code: 'TokenNotFound' });
      expect(await signsIn(PASSWORD)).toBe(true);
    });

    it('takes the second factor as ever, and uses the token only when all is right', async () => {
      const { app, recoveryCodes } = await withSecondFactor(boss, clock.now());
      clock.advance(STEP);
      await ask(OWNER);
      const token = await tokenTo(vault, OWNER, 'password-reset');
      expect((await confirm(token)).body).toMatchObject({ code: 'SecondFactorNeeded' });
      expect((await confirm(token, { code: app.wrong(clock.now()) })).body).toMatchObject({
        code: 'WrongCode',
      });
      expect((await confirm(token, { newPassword: 'Password12345' })).body).toMatchObject({
        code: 'PasswordCommon',
      });
      expect((await confirm(token, { code: recoveryCodes[3] })).status).toBe(204);
      expect((await attempt(vault, OWNER, undefined, { password: ANOTHER })).body.code).toBe(
        'SecondFactorNeeded',
      );
      const code = app.code(clock.now());
      expect((await attempt(vault, OWNER, code, { password: ANOTHER })).status).toBe(201);
    });

    it('counts wrong codes toward the lock-out of that address (V7)', async () => {
      const { app } = await withSecondFactor(boss, clock.now());
      await ask(OWNER);
      const token = await tokenTo(vault, OWNER, 'password-reset');
      for (let n = 0; n < 10; n += 1) await confirm(token, { code: app.wrong(clock.now()) });
      expect(await confirm(token, { code: app.wrong(clock.now()) })).toMatchObject({
        status: 429,
        body: { code: 'LockedOut' },
      });
    });

    it('is mailed three times an hour at most, and not at all after the password was changed', async () => {
      const tokens: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        await ask(OWNER);
        tokens.push(await tokenTo(vault, OWNER, 'password-reset', tokens));
      }
      await askForReset(vault.context, OWNER, '127.0.0.1');
      expect((await change(ANOTHER)).status).toBe(204);
      expect((await kindsTo(vault, OWNER)).filter((kind) => kind === 'password-reset')).toHaveLength(4);
      for (const token of tokens)
        expect((await confirm(token)).body).toMatchObject({ code: 'TokenNotFound' });
    });
  });
});
