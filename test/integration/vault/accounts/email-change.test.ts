import { beforeEach, describe, expect, it } from 'vitest';
import { access, type MovedClock, OWNER, record, type TestVault } from '#test/builders/vault.ts';
import { mailAlerts } from '#vault/alerts/digests.ts';
import { kindsTo, tokenTo } from '../world/mail.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, newAccount, type Person, signIn } from '../world/people.ts';
import { attempt } from '../world/second-factor.ts';

const OLD = 'alice@acme.example';
const NEW = 'alice@elsewhere.example';

describe('another address of an account', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    alice = await member(vault, OLD, { grants: [{ project: 'Main', access: 'Write' }] });
  });

  const ask = (email: string) => alice.ask('POST', '/me/email', { email });
  const confirm = (token: string, by = alice) => by.ask('POST', '/me/email/confirm', { token });
  const moved = async (): Promise<void> => {
    await ask(NEW);
    const { status } = await confirm(await tokenTo(vault, NEW, 'email-change'));
    expect(status).toBe(200);
  };
  const put = () => alice.ask('PUT', `/vaults/${vault.vaultId}/projects/Main/secrets/s`, { value: 'v' });
  const members = async () =>
    (await vault.snapshot()).members.map(({ email, state, grants }) => [email, state, grants.length]);

  it('is theirs once they read the mail there; the old one gets notices, and signs in no more', async () => {
    expect((await ask(NEW)).status).toBe(202);
    expect((await attempt(vault, NEW)).status).toBe(401);
    const token = await tokenTo(vault, NEW, 'email-change');
    expect(await kindsTo(vault, OLD)).toContain('email-change-asked');
    expect(await confirm(token)).toMatchObject({ status: 200, body: { email: NEW } });
    expect((await attempt(vault, NEW)).status).toBe(201);
    expect((await attempt(vault, OLD)).body.code).toBe('WrongPassword');
    expect(await kindsTo(vault, OLD)).toContain('email-changed');
    expect((await confirm(token)).body).toMatchObject({ code: 'TokenNotFound' });
  });

  it('changes no membership: what Git approved for the old one is as it was, and nobody is invited (T2, rail 7)', async () => {
    const before = await members();
    await moved();
    expect(await members()).toEqual(before);
    expect((await put()).status).toBe(200);
    const listed = await boss.ask<{ members: object[] }>('GET', `/vaults/${vault.vaultId}/members`);
    expect(listed.body.members).toContainEqual(expect.objectContaining({ email: OLD, accountEmail: NEW }));
    const cut = `/vaults/${vault.vaultId}/members/${OLD}`;
    expect((await boss.ask('POST', `${cut}/suspend`)).status).toBe(204);
    expect((await put()).status).toBe(401);
  });

  it('keeps none from their own access, asked by the address of the membership', async () => {
    await moved();
    const own = await alice.ask('GET', `/vaults/${vault.vaultId}/access?member=${OLD}`);
    expect(own).toMatchObject({ status: 200, body: { members: [{ email: OLD }] } });
  });

  it('gets the mails of their organizations from then on, and the old one none: it may be somebody else’s', async () => {
    const told = async (email: string) =>
      (await kindsTo(vault, email)).filter((kind) => kind === 'invite-accepted' || kind === 'alert');
    const rule = { actions: ['invite.*', 'member.*'], roles: ['Owner'] };
    expect((await boss.ask('PUT', `/vaults/${vault.vaultId}/alerts/joins`, rule)).status).toBe(204);
    await boss.ask('POST', '/me/email', { email: 'owner@elsewhere.example' });
    await boss.ask('POST', '/me/email/confirm', {
      token: await tokenTo(vault, 'owner@elsewhere.example', 'email-change'),
    });
    const before = await told(OWNER);
    await member(vault, 'bob@acme.example');
    clock.advance(60_000);
    await mailAlerts(vault.context);
    expect(await told(OWNER)).toEqual(before);
    // By the rule of the test, and by the one that is there from the beginning.
    expect((await told('owner@elsewhere.example')).sort()).toEqual(['alert', 'alert', 'invite-accepted']);
  });

  it('is told in the audit log of each vault, in the same transaction (A1, A2)', async () => {
    await moved();
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', '=', 'member.address-changed')
      .execute();
    expect(rows.map(({ entry }) => JSON.parse(entry))).toMatchObject([
      {
        actor: { type: 'account', name: 'alice' },
        subject: { kind: 'Member', key: OLD },
        details: { from: OLD, to: NEW },
      },
    ]);
  });

  it('gives nothing of the account to whoever has the old one next', async () => {
    await moved();
    await newAccount(vault, OLD);
    const next = await signIn(vault, OLD, 'none');
    const refused = await next.ask('PUT', '/sessions/current/vault', { vaultId: vault.vaultId });
    expect(refused.body).toMatchObject({ code: 'NotAMember' });
    expect((await next.ask('GET', '/me/invites')).body).toEqual({ invites: [] });
  });

  it('joins no vault a second time: the former membership ends first', async () => {
    await moved();
    await vault.steps([
      {
        action: { kind: 'InviteMember', key: NEW, before: null, after: access() },
        record: record('Member', NEW),
      },
    ]);
    const { invites } = (await alice.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
    const accept = () => alice.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {});
    expect(await accept()).toMatchObject({ status: 409, body: { code: 'MemberAlready' } });
    expect((await alice.ask('POST', `/vaults/${vault.vaultId}/leave`)).status).toBe(204);
    alice = await signIn(vault, NEW, 'none');
    expect((await accept()).status).toBe(200);
    expect((await members()).map(([email]) => email)).toEqual([NEW, OWNER]);
  });

  it('takes a proof of the last five minutes (O1), and the session of the same account to confirm', async () => {
    await ask(NEW);
    const token = await tokenTo(vault, NEW, 'email-change');
    expect((await confirm(token, boss)).body).toMatchObject({ code: 'TokenNotFound' });
    clock.advance(5 * 60_000 + 1);
    expect((await ask('third@acme.example')).body).toMatchObject({ code: 'ProofNeeded' });
    expect((await confirm(token)).status).toBe(200);
  });

  it('is answered alike where it has an account already, which is told and stays as it is', async () => {
    const free = await ask(NEW);
    const taken = await ask(OWNER);
    expect([taken.status, taken.body]).toEqual([free.status, free.body]);
    expect(await kindsTo(vault, OWNER)).toContain('email-taken');
    // What was asked for before counts no more.
    const token = await tokenTo(vault, NEW, 'email-change');
    expect((await confirm(token)).body).toMatchObject({ code: 'TokenNotFound' });
  });

  it('is refused where somebody else took it meanwhile, and after an hour', async () => {
    await ask(NEW);
    const token = await tokenTo(vault, NEW, 'email-change');
    await newAccount(vault, NEW);
    expect(await confirm(token)).toMatchObject({ status: 409, body: { code: 'AddressTaken' } });
    const audited = await vault.context.reader
      .selectFrom('audit_entries')
      .select('id')
      .where('action', '=', 'member.address-changed')
      .execute();
    expect(audited).toEqual([]);
    await ask('third@acme.example');
    const late = await tokenTo(vault, 'third@acme.example', 'email-change');
    clock.advance(60 * 60_000);
    expect((await confirm(late)).body).toMatchObject({ code: 'TokenNotFound' });
  });

  it('is asked for five times an hour at most: each is a mail to somebody', async () => {
    for (let n = 0; n < 5; n += 1) expect((await ask(`a${n}@acme.example`)).status).toBe(202);
    expect(await ask('b@acme.example')).toMatchObject({ status: 429, body: { code: 'TooManyChanges' } });
    expect((await ask(OLD)).body).toMatchObject({ code: 'SameAddress' });
  });
});
