import { describe, expect, it } from 'vitest';
import { Authenticator } from '#test/builders/authenticator.ts';
import { MovedClock, OWNER, type TestVault } from '#test/builders/vault.ts';
import { DIRECT } from '#vault/http/network.ts';
import { askNobody, owner } from '../vault/world/people.ts';
import { App, attempt, STEP, withSecondFactor } from '../vault/world/second-factor.ts';
import { startTwoReplicas, tally } from './two-replicas.ts';

const ORIGIN = 'https://vault.acme.example';
type Challenge = Parameters<Authenticator['create']>[0] & Parameters<Authenticator['get']>[0];

describe('what proves a person, over two replicas', () => {
  it('is a code that signs in once, whichever replica it is sent to (RFC 6238 §5.2)', async () => {
    const clock = new MovedClock();
    await using replicas = await startTwoReplicas({ clock });
    const { first, both } = replicas;
    const { app, recoveryCodes } = await withSecondFactor(await owner(first), clock.now());
    for (let round = 0; round < 5; round += 1) {
      clock.advance(STEP);
      const code = app.code(clock.now());
      const tries = await Promise.all([...both, ...both].map((vault) => attempt(vault, OWNER, code)));
      expect(tally(tries.map(({ status }) => status))).toEqual({ 201: 1, 401: 3 });
      const one = recoveryCodes[round];
      const again = await Promise.all([...both, ...both].map((vault) => attempt(vault, OWNER, one)));
      expect(tally(again.map(({ status }) => status))).toEqual({ 201: 1, 401: 3 });
    }
  });

  it('is a challenge that is made at the one and answered once, at either', async () => {
    await using replicas = await startTwoReplicas({ network: { ...DIRECT, publicUrl: ORIGIN } });
    const { first, second, both } = replicas;
    const boss = await owner(first);
    const laptop = new Authenticator(ORIGIN);
    const { body } = await boss.ask<Challenge>('POST', '/me/passkeys/challenge');
    const added = { name: 'laptop', passkey: laptop.create(body) };
    expect((await boss.ask('POST', '/me/passkeys', added)).status).toBe(201);
    const asked = await askNobody<Challenge>(first, 'POST', '/sessions/passkey-challenge');
    const passkey = laptop.get(asked.body);
    const answer = (vault: TestVault, sent: object) =>
      askNobody(vault, 'POST', '/sessions/passkey', { passkey: sent });
    const tries = await Promise.all([...both, ...both].map((vault) => answer(vault, passkey)));
    expect(tally(tries.map(({ status }) => status))).toEqual({ 201: 1, 401: 3 });
    // Two answers of one count, as of a copy: one is the newer.
    const challenges = await Promise.all(
      both.map((vault) => askNobody<Challenge>(vault, 'POST', '/sessions/passkey-challenge')),
    );
    const copies = challenges.map(({ body }) => laptop.get(body, { counter: 10 }));
    const answered = await Promise.all([answer(first, copies[0] ?? {}), answer(second, copies[1] ?? {})]);
    expect(tally(answered.map(({ status }) => status))).toEqual({ 201: 1, 401: 1 });
  });

  it('is what is in force at that moment: no password alone signs in once a second factor is', async () => {
    const clock = new MovedClock();
    await using replicas = await startTwoReplicas({ clock });
    const { first, second } = replicas;
    const boss = await owner(first);
    const { reader } = first.context;
    for (let round = 0; round < 3; round += 1) {
      const enrolled = await boss.ask<{ secret: string }>('POST', '/me/second-factor');
      const code = new App(enrolled.body.secret).code(clock.now());
      const signing = Array.from({ length: 8 }, () => attempt(second, OWNER));
      const confirmed = await boss.ask('POST', '/me/second-factor/confirm', { code });
      expect(confirmed.status).toBe(200);
      const codes = (await Promise.all(signing)).map(({ status, body }) => body.code ?? status);
      for (const one of codes) expect([201, 'CredentialsChanged', 'SecondFactorNeeded']).toContain(one);
      const { body } = await boss.ask('POST', '/me/second-factor/recovery-codes');
      expect(body).toHaveProperty('recoveryCodes');
      expect((await attempt(second, OWNER)).body.code).toBe('SecondFactorNeeded');
      // Whoever came in before has no proof any more.
      const proven = await reader.selectFrom('sessions').select(['proven_by']).execute();
      expect(proven.filter(({ proven_by }) => proven_by === 'SecondFactor')).toHaveLength(1);
      expect((await boss.ask('DELETE', '/me/second-factor')).status).toBe(204);
      clock.advance(STEP);
    }
    expect(first.faults).toEqual([]);
  });
});
