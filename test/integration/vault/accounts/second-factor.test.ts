import { beforeEach, describe, expect, it } from 'vitest';
import { type MovedClock, OWNER, PASSWORD, ROOT_KEY, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { newAccount, owner, type Person, signIn } from '../world/people.ts';
import { App, attempt, STEP, withSecondFactor } from '../world/second-factor.ts';

describe('a second factor', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
  });

  const state = async (): Promise<object> => (await boss.ask('GET', '/me/second-factor')).body;

  it('counts once a code confirmed it; secret and recovery codes are answered once, and stored sealed and hashed (V5)', async () => {
    expect(await state()).toEqual({ state: 'None', confirmedAt: null, recoveryCodesLeft: 0 });
    const enrolled = await boss.ask<{ secret: string; uri: string }>('POST', '/me/second-factor');
    const { secret, uri } = enrolled.body;
    expect(enrolled).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(new URL(uri)).toMatchObject({ protocol: 'otpauth:', host: 'totp' });
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    expect(await state()).toMatchObject({ state: 'Pending' });
    expect((await attempt(vault, OWNER)).status).toBe(201);
    const app = new App(secret);
    const confirm = (code: string) =>
      boss.ask<{ recoveryCodes: string[] }>('POST', '/me/second-factor/confirm', { code });
    expect(await confirm(app.wrong(clock.now()))).toMatchObject({ status: 401, body: { code: 'WrongCode' } });
    const confirmed = await confirm(app.code(clock.now()));
    expect(confirmed.status).toBe(200);
    expect(new Set(confirmed.body.recoveryCodes).size).toBe(10);
    expect(await state()).toEqual({ state: 'Confirmed', confirmedAt: clock.now(), recoveryCodesLeft: 10 });
    const { reader } = vault.context;
    const rows = [
      await reader.selectFrom('second_factors').selectAll().execute(),
      await reader.selectFrom('recovery_codes').selectAll().execute(),
      await reader.selectFrom('mails').selectAll().execute(),
      await reader.selectFrom('account_events').selectAll().execute(),
    ];
    const stored = JSON.stringify(rows);
    for (const shown of [secret, ...confirmed.body.recoveryCodes]) {
      expect(stored).not.toContain(shown);
      expect(stored).not.toContain(shown.replaceAll('-', ''));
    }
    expect((await boss.ask('POST', '/me/second-factor')).body).toMatchObject({
      code: 'SecondFactorEnrolled',
    });
  });

  it('is asked for once the password was right, and says nothing to who does not know it', async () => {
    const unknown = await attempt(vault, 'nobody@acme.example', '123456', { password: 'a wrong password' });
    const { app } = await withSecondFactor(boss, clock.now());
    clock.advance(STEP);
    const needed = await attempt(vault, OWNER);
    expect(needed).toMatchObject({ status: 401, body: { code: 'SecondFactorNeeded' } });
    expect(needed.body.token).toBeUndefined();
    for (const code of [undefined, app.code(clock.now()), app.wrong(clock.now())]) {
      const wrong = await attempt(vault, OWNER, code, { password: 'a wrong password' });
      expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body]);
    }
    expect(await attempt(vault, OWNER, app.wrong(clock.now()))).toMatchObject({
      status: 401,
      body: { code: 'WrongCode' },
    });
    expect((await attempt(vault, OWNER, app.code(clock.now()))).status).toBe(201);
  });

  it('takes a code one step before and after, once, and none of an earlier step after it (RFC 6238 §5.2)', async () => {
    const { app } = await withSecondFactor(boss, clock.now());
    expect((await attempt(vault, OWNER, app.code(clock.now()))).body.code).toBe('WrongCode');
    clock.advance(3 * STEP);
    const now = clock.now();
    expect((await attempt(vault, OWNER, app.code(now - 2 * STEP))).body.code).toBe('WrongCode');
    expect((await attempt(vault, OWNER, app.code(now + 2 * STEP))).body.code).toBe('WrongCode');
    expect((await attempt(vault, OWNER, app.code(now - STEP))).status).toBe(201);
    expect((await attempt(vault, OWNER, app.code(now + STEP))).status).toBe(201);
    for (const at of [now - STEP, now, now + STEP]) {
      expect((await attempt(vault, OWNER, app.code(at))).body.code).toBe('WrongCode');
    }
  });

  it('gives the session to one of ten that send the same code at once', async () => {
    const { app } = await withSecondFactor(boss, clock.now());
    clock.advance(STEP);
    const code = app.code(clock.now());
    const tries = await Promise.all(Array.from({ length: 10 }, () => attempt(vault, OWNER, code)));
    expect(tries.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('is replaced by each recovery code once, typed with or without dashes; others make the old ones worthless', async () => {
    const { recoveryCodes } = await withSecondFactor(boss, clock.now());
    const [one = '', two = '', three = ''] = recoveryCodes;
    expect((await attempt(vault, OWNER, one)).status).toBe(201);
    expect((await attempt(vault, OWNER, one)).body.code).toBe('WrongCode');
    expect((await attempt(vault, OWNER, two.replaceAll('-', '').toLowerCase())).status).toBe(201);
    expect(await state()).toMatchObject({ recoveryCodesLeft: 8 });
    const made = await boss.ask<{ recoveryCodes: string[] }>('POST', '/me/second-factor/recovery-codes');
    expect((await attempt(vault, OWNER, three)).body.code).toBe('WrongCode');
    expect((await attempt(vault, OWNER, made.body.recoveryCodes[9])).status).toBe(201);
    expect(await state()).toMatchObject({ recoveryCodesLeft: 9 });
  });

  it("opens nobody else's account: neither its codes nor its recovery codes", async () => {
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    const his = await withSecondFactor(bob, clock.now());
    await withSecondFactor(boss, clock.now());
    clock.advance(STEP);
    expect((await attempt(vault, OWNER, his.app.code(clock.now()))).body.code).toBe('WrongCode');
    expect((await attempt(vault, OWNER, his.recoveryCodes[0])).body.code).toBe('WrongCode');
    expect((await attempt(vault, 'bob@acme.example', his.recoveryCodes[0])).status).toBe(201);
  });

  it('locks out after ten wrong codes; a right password in between is no success (V7)', async () => {
    const { app } = await withSecondFactor(boss, clock.now());
    clock.advance(STEP);
    for (let n = 0; n < 10; n += 1) {
      expect((await attempt(vault, OWNER, app.wrong(clock.now()))).body.code).toBe('WrongCode');
      if (n < 9) expect((await attempt(vault, OWNER)).body.code).toBe('SecondFactorNeeded');
    }
    expect(await attempt(vault, OWNER, app.code(clock.now()))).toMatchObject({
      status: 429,
      body: { code: 'LockedOut' },
    });
  });

  it('makes codes wait after ten wrong ones from wherever, and not recovery codes; the person is told', async () => {
    const { app, recoveryCodes } = await withSecondFactor(boss, clock.now());
    clock.advance(STEP);
    for (let n = 0; n < 9; n += 1) await attempt(vault, OWNER, app.wrong(clock.now()));
    // The lock-out of this address forgets; the account does not.
    clock.advance(61_000);
    expect((await attempt(vault, OWNER, app.wrong(clock.now()))).body.code).toBe('WrongCode');
    clock.advance(STEP);
    expect(await attempt(vault, OWNER, app.code(clock.now()))).toMatchObject({
      status: 429,
      body: { code: 'CodesWait' },
      headers: { 'retry-after': '30' },
    });
    expect((await attempt(vault, OWNER, recoveryCodes[0])).status).toBe(201);
    clock.advance(STEP);
    expect((await attempt(vault, OWNER, app.code(clock.now()))).status).toBe(201);
    const mails = await vault.context.reader.selectFrom('mails').select(['kind', 'recipient']).execute();
    expect(mails).toContainEqual({ kind: 'codes-refused', recipient: OWNER });
  });

  it('is removed only by who proved it within five minutes (O1)', async () => {
    const { app } = await withSecondFactor(boss, clock.now());
    clock.advance(6 * 60_000);
    const refused = { status: 403, body: { code: 'ProofNeeded' } };
    for (const [method, path, body] of [
      ['POST', '/me/second-factor', undefined],
      ['POST', '/me/second-factor/confirm', { code: '000000' }],
      ['POST', '/me/second-factor/recovery-codes', undefined],
      ['DELETE', '/me/second-factor', undefined],
    ] as const) {
      expect(await boss.ask(method, path, body)).toMatchObject(refused);
    }
    const prove = (code?: string) =>
      boss.ask('POST', '/sessions/current/proof', { password: PASSWORD, ...(code ? { code } : {}) });
    expect((await prove()).body).toMatchObject({ code: 'SecondFactorNeeded' });
    expect((await prove(app.wrong(clock.now()))).body).toMatchObject({ code: 'WrongCode' });
    expect(await boss.ask('DELETE', '/me/second-factor')).toMatchObject(refused);
    expect((await prove(app.code(clock.now()))).status).toBe(204);
    expect((await boss.ask('DELETE', '/me/second-factor')).status).toBe(204);
    expect((await attempt(vault, OWNER)).status).toBe(201);
    expect(await state()).toMatchObject({ state: 'None', recoveryCodesLeft: 0 });
  });

  it('takes the proof from sessions that a password alone opened before it (O1)', async () => {
    const other = await owner(vault);
    expect((await other.ask('POST', '/me/second-factor/recovery-codes')).body).toMatchObject({
      code: 'NoSecondFactor',
    });
    const { app } = await withSecondFactor(boss, clock.now());
    expect((await other.ask('GET', '/me/invites')).status).toBe(200);
    expect((await other.ask('POST', '/me/second-factor/recovery-codes')).body).toMatchObject({
      code: 'ProofNeeded',
    });
    // The one that confirmed it has given both.
    expect((await boss.ask('POST', '/me/second-factor/recovery-codes')).status).toBe(200);
    clock.advance(STEP);
    const code = app.code(clock.now());
    expect((await other.ask('POST', '/sessions/current/proof', { password: PASSWORD, code })).status).toBe(
      204,
    );
    expect((await other.ask('POST', '/me/second-factor/recovery-codes')).status).toBe(200);
  });

  it('answers 503 on a sealed server, where recovery codes still sign in (V5)', async () => {
    const { app, recoveryCodes } = await withSecondFactor(boss, clock.now());
    clock.advance(STEP);
    await vault.restart(null);
    expect(await attempt(vault, OWNER, app.code(clock.now()))).toMatchObject({
      status: 503,
      body: { code: 'Sealed', next: expect.stringContaining('root key') },
    });
    expect((await attempt(vault, OWNER)).body.code).toBe('SecondFactorNeeded');
    expect((await attempt(vault, OWNER, recoveryCodes[0])).status).toBe(201);
    expect((await boss.ask('POST', '/me/second-factor')).status).toBe(503);
    await vault.restart(ROOT_KEY);
    expect((await attempt(vault, OWNER, app.code(clock.now()))).status).toBe(201);
    expect(vault.faults).toEqual([]);
  });

  it('is refused to an account whose address is not verified: it may be another person', async () => {
    await newAccount(vault, 'eve@acme.example');
    const eve = await signIn(vault, 'eve@acme.example', 'none');
    await vault.context.bookkeep((db) =>
      db
        .updateTable('accounts')
        .set({ email_verified_at: null })
        .where('email', '=', 'eve@acme.example')
        .execute(),
    );
    expect((await eve.ask('POST', '/me/second-factor')).body).toMatchObject({ code: 'EmailNotVerified' });
  });
});
