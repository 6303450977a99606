import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchStatements } from '#test/builders/statements.ts';
import { MovedClock, OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { askNobody, newAccount } from '../world/people.ts';

const HOUR = 60 * 60_000;

describe('what a password reset that is asked for is answered (I1)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  beforeEach(async () => {
    // What the server does by itself now and then would be among the statements.
    vi.useFakeTimers({ toFake: ['setInterval'] });
    clock = new MovedClock();
    vault = await startTestVault({ clock });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await vault[Symbol.asyncDispose]();
  });

  const ask = (email: string) => askNobody(vault, 'POST', '/password-resets', { email });
  const mails = async (to: string) => {
    const rows = await vault.context.reader
      .selectFrom('mails')
      .select(['body', 'last_error', 'next_attempt_at'])
      .where('recipient', '=', to)
      .where('kind', '=', 'password-reset')
      .execute();
    return rows.map(({ body, last_error, next_attempt_at }) => [
      last_error,
      body !== '',
      next_attempt_at !== null,
    ]);
  };

  it('is the same, by the same statements, all before the answer, whether there is an account or not', async () => {
    await newAccount(vault, 'known@acme.example');
    await ask('warm@acme.example');
    using statements = watchStatements();
    const seen: unknown[] = [];
    // The fourth in an hour is not mailed.
    for (const email of ['unknown@acme.example', 'known@acme.example', OWNER, OWNER, OWNER, OWNER]) {
      statements.taken();
      const { status, headers, body } = await ask(email);
      seen.push({ status, body, shown: Object.keys(headers).sort(), statements: statements.taken() });
    }
    const sent = (seen[0] as { statements: string[] }).statements;
    expect(sent.filter((text) => text.startsWith('insert'))).toHaveLength(3);
    for (const answer of seen) expect(answer).toEqual(seen[0]);
    // Nothing comes after it, which the next request would wait for.
    await ask('unknown@acme.example');
    expect(statements.taken()).toEqual(sent);
  });

  it('mails nobody without an account, and nobody more than three times an hour', async () => {
    for (let n = 0; n < 4; n += 1) {
      await ask('unknown@acme.example');
      await ask(OWNER);
    }
    expect(await mails('unknown@acme.example')).toEqual(Array(4).fill(['NoAccount', false, false]));
    const withheld = (await mails(OWNER)).filter(([because]) => because !== null);
    expect([(await mails(OWNER)).length, withheld]).toEqual([4, [['TooManyMails', false, false]]]);
    const { reader } = vault.context;
    expect(await reader.selectFrom('account_tokens').select('email').execute()).toHaveLength(3);
    const events = await reader.selectFrom('account_events').select('action').execute();
    expect(events.filter(({ action }) => action === 'password.reset-asked')).toHaveLength(3);
    clock.advance(HOUR);
    await ask(OWNER);
    expect((await mails(OWNER)).filter(([because]) => because === null)).toHaveLength(4);
  });

  it('is refused after sixty requests a minute of one source, whatever the addresses (V7)', async () => {
    for (let n = 0; n < 60; n += 1) expect((await ask(`a${n % 3}@acme.example`)).status).toBe(202);
    const refused = [await ask('a0@acme.example'), await ask(OWNER)];
    for (const answer of refused) expect(answer).toMatchObject({ status: 429, body: { code: 'LockedOut' } });
    clock.advance(60_000);
    expect((await ask(OWNER)).status).toBe(202);
  });
});
