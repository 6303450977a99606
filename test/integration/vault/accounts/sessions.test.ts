import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock, OWNER, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { createAccount } from '#vault/sessions/accounts.ts';
import { askNobody, owner } from '../world/people.ts';

describe('a session', () => {
  let clock: MovedClock;
  let vault: TestVault;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const open = (email: string, password: string) =>
    askNobody(vault, 'POST', '/sessions', { email, password });

  it('is opened by the password; the store keeps a hash of its token (V5)', async () => {
    const { token } = await owner(vault);
    const rows = await vault.context.reader.selectFrom('sessions').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
    const alice = { email: 'alice@acme.example', userName: 'alice', password: PASSWORD };
    await createAccount(vault.context, alice);
    const account = await vault.context.reader
      .selectFrom('accounts')
      .selectAll()
      .where('email', '=', alice.email)
      .executeTakeFirstOrThrow();
    expect(account.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await open(alice.email, PASSWORD)).status).toBe(201);
  });

  it('is refused alike for a wrong password and for an address without an account', async () => {
    const wrong = await open(OWNER, 'wrong password 1');
    const unknown = await open('nobody@acme.example', 'wrong password 1');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'WrongPassword' } });
    expect(unknown.body).toEqual(wrong.body);
  });

  it('is locked out after ten wrong passwords, for a minute (V7)', async () => {
    for (let i = 0; i < 10; i++) await open(OWNER, 'wrong password 1');
    expect(await open(OWNER, PASSWORD)).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    clock.advance(60_000);
    expect((await open(OWNER, PASSWORD)).status).toBe(201);
  });

  it('is locked out where one source guesses at many accounts, whoever they are (V7)', async () => {
    const tries = Array.from({ length: 100 }, (_, index) => `p${index}@acme.example`);
    for (const email of tries) {
      const { status } = await askNobody(vault, 'POST', '/sessions', { email, password: 'not the password' });
      expect(status).toBe(401);
    }
    const right = { email: OWNER, password: PASSWORD };
    expect(await askNobody(vault, 'POST', '/sessions', right)).toMatchObject({
      status: 429,
      body: { code: 'LockedOut' },
    });
    clock.advance(60_000);
    expect((await askNobody(vault, 'POST', '/sessions', right)).status).toBe(201);
  });

  it('is locked out after ten wrong passwords that come at once, too (V7)', async () => {
    const guesses = Array.from({ length: 25 }, (_, i) => open('bob@acme.example', `wrong password ${i}`));
    const codes = (await Promise.all(guesses)).map(({ status }) => status);
    expect(codes.filter((code) => code === 401)).toHaveLength(10);
    expect(codes.filter((code) => code === 429)).toHaveLength(15);
  });

  it('ends by signing out, and after twelve hours', async () => {
    const one = await owner(vault);
    const two = await owner(vault);
    expect((await one.ask('DELETE', '/sessions/current')).status).toBe(204);
    expect(await one.ask('GET', '/me/invites')).toMatchObject({ status: 401, body: { code: 'NotSignedIn' } });
    expect((await two.ask('GET', '/me/invites')).status).toBe(200);
    clock.advance(12 * 3600 * 1000);
    expect((await two.ask('GET', '/me/invites')).status).toBe(401);
  });

  it('names the field that is wrong and never what stood in it', async () => {
    const answer = await askNobody(vault, 'POST', '/sessions', { email: ['planted-address'], password: 5 });
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    expect(JSON.stringify(answer.body)).toMatch(/email.*password/);
    expect(JSON.stringify(answer.body)).not.toContain('planted');
  });
});
