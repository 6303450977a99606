import { beforeEach, describe, expect, it } from 'vitest';
import type { MovedClock, TestVault } from '#test/builders/vault.ts';
import { mailsTo } from '../world/outbox.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { invitee, member, newAccount, owner, type Person, signIn } from '../world/people.ts';

const WEEK = 7 * 24 * 60 * 60 * 1000;
const PLAIN = { role: 'Member', template: null, projectScope: null, grants: [] } as const;

describe('who sends invites', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    const fields = {
      description: '',
      capabilities: { Organization: ['Invite'] },
      projectScope: 'All',
    } as const;
    await vault.step({ kind: 'CreateTemplate', key: 'Recruiter', before: null, after: fields });
  });

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const invite = (by: Person, emails: readonly string[], preset: object = {}) =>
    by.ask('POST', at('/invites'), { emails, ...preset });
  const listed = async (by: Person) => {
    const { body } = await by.ask<{ invites: { email: string; state: string; attempts: number }[] }>(
      'GET',
      at('/invites'),
    );
    return body.invites.map(({ email, state, attempts }) => `${email} ${state} ${attempts}`);
  };
  const recruiter = () => member(vault, 'rita@acme.example', { template: 'Recruiter' });

  it('invites many at once with the access that they will have, and each gets a mail (I1)', async () => {
    const emails = ['Alice@acme.example', 'bob@acme.example', 'alice@acme.example'];
    const preset = {
      role: 'Admin',
      template: 'Recruiter',
      projectScope: ['Main'],
      grants: [{ project: 'Main', access: 'Write' }],
    };
    expect((await invite(boss, emails, preset)).status).toBe(204);
    const { members } = await vault.snapshot();
    const invited = members.filter(({ state }) => state === 'Invited');
    expect(invited.map(({ email }) => email)).toEqual(['alice@acme.example', 'bob@acme.example']);
    for (const one of invited) expect(one).toMatchObject(preset);
    const [mail] = await mailsTo(vault, 'alice@acme.example');
    expect(mail).toMatchObject({ kind: 'invite', state: 'Waiting', subject: 'Invite to Acme' });
    expect(mail?.text).toContain(`http://localhost:${vault.server.port}/join#invites`);
    expect(await mailsTo(vault, 'bob@acme.example')).toHaveLength(1);
  });

  it('gives with an invite only what they may give to a member (O4, T4)', async () => {
    const rita = await recruiter();
    for (const preset of [
      { role: 'Admin' },
      { template: 'Recruiter' },
      { projectScope: [] },
      { grants: [{ project: 'Main', access: 'Read' }] },
    ]) {
      const answer = await invite(rita, ['x@acme.example'], preset);
      expect(answer, JSON.stringify(preset)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    }
    expect((await invite(rita, ['x@acme.example'])).status).toBe(204);
    expect(await invite(boss, ['y@acme.example'], { template: 'None' })).toMatchObject({
      status: 404,
      body: { code: 'NotFound' },
    });
    expect(
      await invite(boss, ['y@acme.example'], { grants: [{ project: 'None', access: 'Read' }] }),
    ).toMatchObject({ status: 404 });
    expect(await listed(boss)).toEqual(['x@acme.example Open 1']);
  });

  it('sees their own, whoever may view members all of them, with state (I2)', async () => {
    const rita = await recruiter();
    await invite(rita, ['x@acme.example']);
    await invite(boss, ['y@acme.example']);
    await vault.step({ kind: 'InviteMember', key: 'z@acme.example', before: null, after: PLAIN });
    expect(await listed(rita)).toEqual(['x@acme.example Open 1']);
    const { body } = await boss.ask('GET', at('/invites'));
    expect(body).toMatchObject({
      invites: [
        { email: 'x@acme.example', invitedBy: 'rita' },
        { email: 'y@acme.example', invitedBy: 'owner', expiresAt: clock.now() + WEEK },
        { email: 'z@acme.example', invitedBy: null },
      ],
    });
    clock.advance(WEEK);
    expect(await listed(await owner(vault))).toEqual([
      'x@acme.example Expired 1',
      'y@acme.example Expired 1',
      'z@acme.example Expired 1',
    ]);
  });

  it('sends one again three times in all, open or over, each time with a mail (I2)', async () => {
    await invite(boss, ['x@acme.example']);
    const again = () => boss.ask('POST', at('/invites/X@acme.example/resend'));
    expect((await again()).status).toBe(204);
    clock.advance(WEEK);
    boss = await owner(vault);
    expect(await listed(boss)).toEqual(['x@acme.example Expired 2']);
    expect((await again()).status).toBe(204);
    expect(await listed(boss)).toEqual(['x@acme.example Open 3']);
    expect(await again()).toMatchObject({ status: 409, body: { code: 'AttemptsExhausted' } });
    const states = (await mailsTo(vault, 'x@acme.example')).map(({ state, lastError }) => [state, lastError]);
    expect(states).toEqual([
      ['Waiting', null],
      ['NotSent', 'Withdrawn'],
      ['NotSent', 'Withdrawn'],
    ]);
  });

  it('takes one back; its mail does not go out any more, and no manager sends it anew (I2, rail 7)', async () => {
    await invite(boss, ['x@acme.example']);
    expect((await boss.ask('DELETE', at('/invites/x@acme.example'))).status).toBe(204);
    expect(await listed(boss)).toEqual([]);
    expect(await mailsTo(vault, 'x@acme.example')).toMatchObject([
      { state: 'NotSent', lastError: 'Withdrawn', text: '' },
    ]);
    const step = { kind: 'InviteMember', key: 'x@acme.example', before: null, after: PLAIN } as const;
    expect(await vault.step(step)).toBe('Tombstoned');
    expect((await invite(boss, ['x@acme.example'])).status).toBe(204);
    expect(await listed(boss)).toEqual(['x@acme.example Open 1']);
  });

  it('is told who declined, for 30 days and until they are invited again (I3)', async () => {
    const answer = async (email: string) => {
      const person = await invitee(vault, email);
      const { invites } = (await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
      await person.ask('POST', `/me/invites/${invites[0]?.id}/decline`, {});
    };
    await answer('alice@acme.example');
    const declinedAt = clock.now();
    clock.advance(1000);
    await answer('bob@acme.example');
    const declined = async () => (await (await owner(vault)).ask('GET', at('/declined-invites'))).body;
    expect(await declined()).toEqual({
      invites: [
        { email: 'alice@acme.example', declinedAt },
        { email: 'bob@acme.example', declinedAt: declinedAt + 1000 },
      ],
      next: null,
    });
    await invite(boss, ['bob@acme.example']);
    expect(await declined()).toMatchObject({ invites: [{ email: 'alice@acme.example' }] });
    clock.advance(30 * 24 * 60 * 60 * 1000);
    expect(await declined()).toEqual({ invites: [], next: null });
  });

  it('is told once of who declined again, and not of who was invited since and is gone otherwise (I3)', async () => {
    const decline = async (person: Person) => {
      const { invites } = (await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
      await person.ask('POST', `/me/invites/${invites[0]?.id}/decline`, {});
      clock.advance(1000);
    };
    const alice = await invitee(vault, 'alice@acme.example');
    await decline(alice);
    await decline(await invitee(vault, 'bob@acme.example'));
    await decline(await invitee(vault, 'carol@acme.example'));
    expect((await invite(boss, ['alice@acme.example', 'carol@acme.example'])).status).toBe(204);
    await decline(alice);
    await boss.ask('DELETE', at('/invites/carol@acme.example'));
    const page = async (query: string) =>
      (await boss.ask<{ invites: { email: string }[]; next: string }>('GET', at(`/declined-invites${query}`)))
        .body;
    const { invites, next } = await page('?limit=1');
    expect(invites).toEqual([{ email: 'alice@acme.example', declinedAt: clock.now() - 1000 }]);
    expect(await page(`?limit=1&cursor=${next}`)).toMatchObject({
      invites: [{ email: 'bob@acme.example' }],
      next: null,
    });
  });

  it('mails an address six times a day at most, however often an invite is taken back and sent anew', async () => {
    for (let time = 0; time < 8; time++) {
      expect((await invite(boss, ['x@acme.example'])).status).toBe(204);
      expect((await boss.ask('DELETE', at('/invites/x@acme.example'))).status).toBe(204);
    }
    const errors = (await mailsTo(vault, 'x@acme.example')).map(({ lastError }) => lastError).sort();
    expect(errors).toEqual([...Array(2).fill('TooManyMails'), ...Array(6).fill('Withdrawn')]);
    clock.advance(24 * 60 * 60 * 1000);
    boss = await owner(vault);
    await invite(boss, ['x@acme.example']);
    expect((await mailsTo(vault, 'x@acme.example')).filter(({ state }) => state === 'Waiting')).toHaveLength(
      1,
    );
  });

  it('touches nobody else’s by sending again or taking back, and learns nothing of it (I1)', async () => {
    const rita = await recruiter();
    await invite(boss, ['x@acme.example']);
    for (const [method, path] of [
      ['POST', '/resend'],
      ['DELETE', ''],
    ] as const) {
      const answers = await Promise.all(
        ['x', 'unknown', 'owner'].map((name) => rita.ask(method, at(`/invites/${name}@acme.example${path}`))),
      );
      for (const { status, body } of answers) expect([status, body.code]).toEqual([404, 'NotFound']);
    }
    expect(await listed(boss)).toEqual(['x@acme.example Open 1']);
  });

  it('is told as the owner when somebody joins (I2)', async () => {
    await newAccount(vault, 'alice@acme.example');
    await invite(boss, ['alice@acme.example']);
    const alice = await signIn(vault, 'alice@acme.example', 'none');
    const { body } = await alice.ask<{ invites: { id: string }[] }>('GET', '/me/vaults');
    await alice.ask('POST', `/me/invites/${body.invites[0]?.id}/accept`, {});
    expect(await mailsTo(vault, 'owner@acme.example')).toMatchObject([
      { kind: 'invite-accepted', subject: 'alice@acme.example joined Acme' },
    ]);
  });

  it('from Git sends the same mail as a person (I1)', async () => {
    await invitee(vault, 'alice@acme.example');
    expect(await mailsTo(vault, 'alice@acme.example')).toMatchObject([
      { kind: 'invite', subject: 'Invite to Acme' },
    ]);
  });

  it('picks a vault after signing in, out of those they are in, and sees open invites', async () => {
    const alice = await member(vault, 'alice@acme.example');
    const { vaultId } = (
      await alice.ask<{ vaultId: string }>('POST', '/organizations', { displayName: 'Beta', plan: 'Free' })
    ).body;
    await boss.ask('POST', at('/members/alice@acme.example/suspend'));
    const carol = await invitee(vault, 'carol@acme.example');
    expect((await carol.ask('GET', '/me/vaults')).body).toMatchObject({
      vaults: [],
      invites: [{ vaultId: vault.vaultId, organization: 'Acme' }],
    });
    const again = await signIn(vault, 'alice@acme.example', 'none');
    expect((await again.ask('GET', '/me/vaults')).body).toEqual({
      vaults: [
        { vaultId: vault.vaultId, displayName: 'Acme', role: 'Member', state: 'Suspended' },
        { vaultId, displayName: 'Beta', role: 'Owner', state: 'Active' },
      ],
      invites: [],
    });
  });
});
