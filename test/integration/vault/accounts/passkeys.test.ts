import { beforeEach, describe, expect, it } from 'vitest';
import { Authenticator, type Quirks } from '#test/builders/authenticator.ts';
import { type MovedClock, OWNER, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { DIRECT } from '#vault/http/network.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { askNobody, newAccount, owner, type Person, signIn } from '../world/people.ts';
import { attempt, withSecondFactor } from '../world/second-factor.ts';

const URL = 'https://vault.acme.example';

type Creation = Parameters<Authenticator['create']>[0];
type Request = Parameters<Authenticator['get']>[0];

describe('a passkey', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault({ network: { ...DIRECT, publicUrl: URL } }));
  });

  const add = async (person: Person, authenticator: Authenticator, quirks: Quirks = {}) => {
    const { status, body } = await person.ask<Creation & { code?: string }>('POST', '/me/passkeys/challenge');
    if (status !== 200) throw new Error(`challenge: ${body.code}`);
    const passkey = authenticator.create(body, quirks);
    return person.ask<{ id: string; code?: string }>('POST', '/me/passkeys', { name: 'laptop', passkey });
  };
  const challenge = async (): Promise<Request> =>
    (await askNobody<Request>(vault, 'POST', '/sessions/passkey-challenge')).body;
  const answer = (passkey: object, more: object = {}) =>
    askNobody<{ token: string; code?: string }>(vault, 'POST', '/sessions/passkey', { passkey, ...more });
  const signInBy = async (authenticator: Authenticator, quirks: Quirks = {}) =>
    answer(authenticator.get(await challenge(), quirks));

  it.each(['ES256', 'EdDSA'] as const)(
    'of %s signs in without naming the account, user verified, to a vault',
    async (algorithm) => {
      const laptop = new Authenticator(URL, { algorithm });
      expect((await add(boss, laptop)).status).toBe(201);
      const asked = await challenge();
      expect(asked).toMatchObject({ rpId: 'vault.acme.example', userVerification: 'required' });
      expect(asked).not.toHaveProperty('allowCredentials');
      const opened = await answer(laptop.get(asked), { vaultId: vault.vaultId });
      expect(opened).toMatchObject({ status: 201, body: { vaultId: vault.vaultId, userName: 'owner' } });
      const { token } = opened.body;
      const members = await askNobody(vault, 'GET', `/vaults/${vault.vaultId}/members`, undefined, {
        authorization: `Bearer ${token}`,
      });
      expect(members.status).toBe(200);
    },
  );

  it('is listed with its last use, renamed, removed, and signs in no longer', async () => {
    const laptop = new Authenticator(URL);
    const { id } = (await add(boss, laptop)).body;
    const list = async () => (await boss.ask<{ passkeys: object[] }>('GET', '/me/passkeys')).body.passkeys;
    const listed = { id, name: 'laptop', createdAt: clock.now(), lastUsedAt: null, backedUp: false };
    expect(await list()).toEqual([listed]);
    clock.advance(60_000);
    expect((await signInBy(laptop)).status).toBe(201);
    expect((await boss.ask('PUT', `/me/passkeys/${id}`, { name: 'old laptop' })).status).toBe(204);
    expect(await list()).toEqual([{ ...listed, name: 'old laptop', lastUsedAt: clock.now() }]);
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    expect((await bob.ask('DELETE', `/me/passkeys/${id}`)).status).toBe(404);
    expect((await bob.ask('PUT', `/me/passkeys/${id}`, { name: 'mine' })).status).toBe(404);
    expect((await boss.ask('DELETE', `/me/passkeys/${id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await signInBy(laptop)).body.code).toBe('PasskeyRefused');
  });

  it('is password and second factor in one: it proves, and signs in where codes would be asked for (O1)', async () => {
    const laptop = new Authenticator(URL);
    await add(boss, laptop);
    await withSecondFactor(boss, clock.now());
    expect((await attempt(vault, OWNER)).body.code).toBe('SecondFactorNeeded');
    expect((await signInBy(laptop)).status).toBe(201);
    clock.advance(6 * 60_000);
    expect((await boss.ask('DELETE', '/me/second-factor')).body).toMatchObject({ code: 'ProofNeeded' });
    const asked = (await boss.ask<Request>('POST', '/sessions/current/passkey-challenge')).body;
    const passkey = laptop.get(asked);
    expect((await boss.ask('POST', '/sessions/current/proof', { passkey })).status).toBe(204);
    expect((await boss.ask('DELETE', '/me/second-factor')).status).toBe(204);
  });

  it('proves nobody else, and a challenge serves only what and whom it was made for', async () => {
    await newAccount(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example', 'none');
    const his = new Authenticator(URL);
    await add(bob, his);
    const ofBoss = (await boss.ask<Request>('POST', '/sessions/current/passkey-challenge')).body;
    const passkey = his.get(ofBoss);
    const prove = (by: Person, sent: object) => by.ask('POST', '/sessions/current/proof', { passkey: sent });
    expect((await prove(boss, passkey)).body).toMatchObject({ code: 'NotYourProof' });
    const another = (await boss.ask<Request>('POST', '/sessions/current/passkey-challenge')).body;
    expect((await prove(bob, his.get(another))).body).toMatchObject({ code: 'PasskeyRefused' });
    expect((await answer(his.get(another))).body.code).toBe('PasskeyRefused');
    expect((await prove(bob, his.get(await challenge()))).body).toMatchObject({ code: 'PasskeyRefused' });
  });

  it('answers a challenge once, and within five minutes; the store keeps a hash of it (V5)', async () => {
    const laptop = new Authenticator(URL);
    await add(boss, laptop);
    const asked = await challenge();
    const rows = await vault.context.reader.selectFrom('passkey_challenges').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(asked.challenge);
    const passkey = laptop.get(asked);
    const both = await Promise.all([answer(passkey), answer(passkey)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 401]);
    const late = await challenge();
    clock.advance(5 * 60_000);
    expect((await answer(laptop.get(late))).body.code).toBe('PasskeyRefused');
  });

  it.each<[string, Quirks]>([
    ['another origin', { origin: 'https://vault.acme.example.evil.example' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['no user verification', { userVerified: false }],
    ['a challenge of its own', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['the wrong ceremony', { type: 'webauthn.create' }],
    ['the handle of another account', { userHandle: Buffer.from('acc_0').toString('base64url') }],
  ])('is refused with %s', async (_, quirks) => {
    const laptop = new Authenticator(URL);
    await add(boss, laptop);
    const refused = await signInBy(laptop, quirks);
    expect([refused.status, refused.body.code]).toEqual([401, 'PasskeyRefused']);
    expect((await signInBy(laptop)).status).toBe(201);
  });

  it.each<[string, Quirks]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['no user verification', { userVerified: false }],
    ['a challenge of its own', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['the wrong ceremony', { type: 'webauthn.get' }],
  ])('is not added with %s', async (_, quirks) => {
    const refused = await add(boss, new Authenticator(URL), quirks);
    expect([refused.status, refused.body.code]).toEqual([422, 'PasskeyRefused']);
    expect((await boss.ask('GET', '/me/passkeys')).body).toEqual({ passkeys: [] });
  });

  it('is refused with a signature of another key', async () => {
    const laptop = new Authenticator(URL);
    await add(boss, laptop);
    const stranger = new Authenticator(URL);
    stranger.create({ rp: { id: 'vault.acme.example' }, user: { id: 'YQ' }, challenge: 'YQ' });
    const { id } = laptop.get(await challenge());
    const asked = await challenge();
    const forged = stranger.get(asked, { userHandle: laptop.credential?.userHandle ?? '' });
    expect((await answer({ ...forged, id, rawId: id })).body.code).toBe('PasskeyRefused');
  });

  it('whose count goes back is refused, as a copy would be, and its person is told (WebAuthn §6.1.1)', async () => {
    const laptop = new Authenticator(URL);
    await add(boss, laptop);
    expect((await signInBy(laptop, { counter: 7 })).status).toBe(201);
    expect((await signInBy(laptop, { counter: 7 })).body.code).toBe('PasskeyRefused');
    expect((await signInBy(laptop, { counter: 3 })).body.code).toBe('PasskeyRefused');
    expect((await signInBy(laptop, { counter: 0 })).body.code).toBe('PasskeyRefused');
    expect((await signInBy(laptop, { counter: 8 })).status).toBe(201);
    const mails = await vault.context.reader.selectFrom('mails').select('kind').execute();
    expect(mails.filter(({ kind }) => kind === 'passkey-copied')).toHaveLength(3);
  });

  it('that does not count is taken as often as it comes', async () => {
    const synced = new Authenticator(URL, { counts: false });
    await add(boss, synced);
    expect((await signInBy(synced)).status).toBe(201);
    expect((await signInBy(synced)).status).toBe(201);
  });

  it('is added and removed only by who proved it within five minutes (O1), and once', async () => {
    const laptop = new Authenticator(URL);
    const { id } = (await add(boss, laptop)).body;
    const asked = (await boss.ask<Creation>('POST', '/me/passkeys/challenge')).body;
    expect(asked).toMatchObject({ excludeCredentials: [{ type: 'public-key' }] });
    clock.advance(5 * 60_000 + 1);
    const refused = { status: 403, body: { code: 'ProofNeeded' } };
    const passkey = new Authenticator(URL).create(asked);
    expect(await boss.ask('POST', '/me/passkeys/challenge')).toMatchObject(refused);
    expect(await boss.ask('POST', '/me/passkeys', { name: 'n', passkey })).toMatchObject(refused);
    expect(await boss.ask('DELETE', `/me/passkeys/${id}`)).toMatchObject(refused);
    await boss.ask('POST', '/sessions/current/proof', { password: PASSWORD });
    expect((await boss.ask('POST', '/me/passkeys', { name: 'n', passkey })).body).toMatchObject({
      code: 'PasskeyRefused',
    });
  });

  it('is locked out after ten refused answers from an address, and others are not (V7)', async () => {
    const laptop = new Authenticator(URL);
    const phone = new Authenticator(URL);
    await add(boss, laptop);
    await add(boss, phone);
    for (let n = 0; n < 10; n += 1) await signInBy(laptop, { userVerified: false });
    expect((await signInBy(laptop)).body.code).toBe('LockedOut');
    expect((await signInBy(phone)).status).toBe(201);
    clock.advance(60_000);
    expect((await signInBy(laptop)).status).toBe(201);
  });

  it('has a bounded number of open challenges an address', async () => {
    for (let n = 0; n < 100; n += 1) await challenge();
    const refused = await askNobody(vault, 'POST', '/sessions/passkey-challenge');
    expect(refused).toMatchObject({ status: 429, body: { code: 'TooManyChallenges' } });
    clock.advance(5 * 60_000);
    expect(await challenge()).toHaveProperty('challenge');
  });
});

describe('passkeys on a server that was told no host name', () => {
  it.each([null, 'http://127.0.0.1:8080', 'https://[::1]'])(
    '%s are refused, with what to do',
    async (publicUrl) => {
      await using vault = await startTestVault({ network: { ...DIRECT, publicUrl } });
      const refused = await askNobody(vault, 'POST', '/sessions/passkey-challenge');
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'PasskeysNeedPublicUrl', next: expect.stringContaining('publicUrl') },
      });
      const boss = await owner(vault);
      expect((await boss.ask('POST', '/me/passkeys/challenge')).body).toMatchObject({
        code: 'PasskeysNeedPublicUrl',
      });
    },
  );
});
