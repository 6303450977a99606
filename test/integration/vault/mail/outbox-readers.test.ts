import { afterEach, describe, expect, it } from 'vitest';
import { OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { tokenTo } from '../world/mail.ts';
import { askNobody, newAccount, owner, type Person, signIn } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('the development outbox', () => {
  let vault: TestVault;
  afterEach(() => vault[Symbol.asyncDispose]());

  const read = async (by: Person): Promise<[string, string][]> => {
    const { status, body } = await by.ask<{ mails: { recipient: string; text: string }[] }>('GET', '/mails');
    expect(status).toBe(200);
    return body.mails.map(({ recipient, text }) => [recipient, text]);
  };
  const start = async (outboxReaders: readonly string[]): Promise<[Person, Person]> => {
    vault = await startTestVault({ outgoing: { outboxReaders } });
    await newAccount(vault, ALICE);
    const people = [await owner(vault), await signIn(vault, ALICE, 'none')] as [Person, Person];
    for (const email of [OWNER, ALICE]) await askNobody(vault, 'POST', '/password-resets', { email });
    return people;
  };

  it('shows an account the mails to its own address, and nobody’s token but its own', async () => {
    const [boss, alice] = await start([]);
    for (const [person, email, other] of [
      [boss, OWNER, ALICE],
      [alice, ALICE, OWNER],
    ] as const) {
      const mails = await read(person);
      expect(new Set(mails.map(([recipient]) => recipient))).toEqual(new Set([email]));
      expect(JSON.stringify(mails)).toContain(await tokenTo(vault, email, 'password-reset'));
      expect(JSON.stringify(mails)).not.toContain(await tokenTo(vault, other, 'password-reset'));
    }
  });

  it('does not show the token that verifies an address to who has not verified it', async () => {
    const [, alice] = await start([]);
    const asked = await alice.ask('POST', '/me/email', { email: 'bob@acme.example' });
    expect(asked.status).toBe(202);
    const token = await tokenTo(vault, 'bob@acme.example', 'email-change');
    expect(JSON.stringify(await read(alice))).not.toContain(token);
  });

  it('shows all of them to whom the configuration names, by the verified address', async () => {
    const [boss, alice] = await start(['Alice@acme.example']);
    expect(new Set((await read(alice)).map(([recipient]) => recipient))).toEqual(new Set([OWNER, ALICE]));
    expect(new Set((await read(boss)).map(([recipient]) => recipient))).toEqual(new Set([OWNER]));
    await vault.database.edit(`update accounts set email_verified_at = null where email = '${ALICE}'`);
    expect(await read(alice)).toEqual([]);
  });
});
