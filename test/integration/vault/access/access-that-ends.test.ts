import { beforeEach, describe, expect, it } from 'vitest';
import type { MemberAccess } from '#model/organization.ts';
import { access, type MovedClock, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { invitee, member, type Person, signIn } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const HOUR = 60 * 60 * 1000;

describe('access that ends (M5), by the clock alone', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let home: string;
  let end: number;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    home = `/vaults/${vault.vaultId}`;
    end = clock.now() + HOUR;
  });

  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await boss.ask(method, `${home}${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
  const moveTo = (time: number) => clock.advance(time - clock.now());
  /** Cells that the person has in a project, by the vault's own word to them. */
  const cellsIn = async (person: Person, project: string): Promise<string[]> => {
    const { body } = await person.ask<{ members: { cells: { cell: string; project: string | null }[] }[] }>(
      'GET',
      `${home}/access`,
    );
    return (body.members[0]?.cells ?? []).flatMap((one) => (one.project === project ? [one.cell] : []));
  };
  const stateOf = async (email: string) => {
    const { members } = (await must('GET', '/members')) as { members: { email: string; state: string }[] };
    return members.find((one) => one.email === email)?.state;
  };

  it('holds to the millisecond before the end of a membership; sessions and sign-in are over at it', async () => {
    const alice = await member(vault, ALICE, { expiresAt: end });
    moveTo(end - 1);
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(200);
    expect(await stateOf(ALICE)).toBe('Active');
    moveTo(end);
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(401);
    await expect(signIn(vault, ALICE)).rejects.toThrow('403 NotAMember');
    expect(await stateOf(ALICE)).toBe('Ended');
    const mine = await (await signIn(vault, ALICE, 'none')).ask<{ vaults: { state: string }[] }>(
      'GET',
      '/me/vaults',
    );
    expect(mine.body.vaults.map(({ state }) => state)).toEqual(['Ended']);
  });

  it('is back, session and all, once a clock that was wrong is put right; no state of the member changed', async () => {
    const alice = await member(vault, ALICE, { expiresAt: end });
    moveTo(end + 300 * 24 * HOUR);
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(401);
    moveTo(end - HOUR / 2);
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(200);
    expect((await vault.snapshot()).members.find(({ email }) => email === ALICE)).toMatchObject({
      state: 'Active',
      expiresAt: end,
    });
  });

  it('is of a template, a grant, a membership of a group and the grant of a group, each by itself', async () => {
    for (const name of ['web', 'api', 'ops', 'docs']) await must('POST', '/projects', { name });
    const template = {
      name: 'dev',
      description: '',
      capabilities: { Secrets: ['View'] },
      projectScope: ['docs'],
    };
    await must('POST', '/templates', template);
    const given: Partial<MemberAccess> = {
      template: 'dev',
      templateExpiresAt: end,
      grants: [{ project: 'web', access: 'Write', expiresAt: end }],
    };
    const alice = await member(vault, ALICE, given);
    for (const name of ['on-call', 'short']) await must('POST', '/groups', { name });
    await must('POST', '/groups/on-call/members', { emails: [ALICE], expiresAt: end });
    await must('PUT', '/groups/on-call/grants/api', { access: 'Read' });
    await must('POST', '/groups/short/members', { emails: [ALICE] });
    await must('PUT', '/groups/short/grants/ops', { access: 'Read', expiresAt: end });
    moveTo(end - 1);
    for (const name of ['web', 'api', 'ops', 'docs'])
      expect(await cellsIn(alice, name)).toContain('Secrets: View');
    moveTo(end);
    for (const name of ['web', 'api', 'ops', 'docs']) expect(await cellsIn(alice, name)).toEqual([]);
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(200);
  });

  it('holds from the first answer after a stop that lasted beyond the end', async () => {
    const alice = await member(vault, ALICE, { expiresAt: end });
    await vault.restart();
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(200);
    await vault.server.stop();
    moveTo(end);
    vault.server = await vault.replica();
    expect((await alice.ask('GET', `${home}/projects`)).status).toBe(401);
    await expect(signIn(vault, ALICE)).rejects.toThrow('403 NotAMember');
  });

  it('lets nobody accept an invite to a membership that has ended', async () => {
    const alice = await invitee(vault, ALICE, { expiresAt: end });
    const { invites } = (await alice.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
    moveTo(end);
    expect((await alice.ask('GET', '/me/invites')).body).toEqual({ invites: [] });
    expect((await alice.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {})).status).toBe(404);
    moveTo(end - 1);
    expect((await alice.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {})).status).toBe(200);
  });

  it('is no choice of a session of another vault, nor one that a session is bound to later', async () => {
    await member(vault, ALICE, { expiresAt: end });
    const elsewhere = await signIn(vault, ALICE, 'none');
    const choose = () => elsewhere.ask('PUT', '/sessions/current/vault', { vaultId: vault.vaultId });
    moveTo(end);
    expect((await choose()).body).toMatchObject({ code: 'NotAMember' });
  });

  it('is kept by the vault as the snapshot shows it, whatever gives it', async () => {
    await must('POST', '/projects', { name: 'web' });
    const given = access({
      expiresAt: end + 1,
      grants: [{ project: 'web', access: 'Read', expiresAt: end }],
    });
    await member(vault, ALICE, given);
    await must('POST', '/groups', { name: 'ops' });
    await must('POST', '/groups/ops/members', { emails: [ALICE], expiresAt: end });
    await must('POST', '/groups/ops/members', { emails: ['owner@acme.example'] });
    const { members, groups } = await vault.snapshot();
    expect(members.find(({ email }) => email === ALICE)).toMatchObject(given);
    expect(groups.find(({ name }) => name === 'ops')).toMatchObject({
      members: [ALICE, 'owner@acme.example'],
      ends: [{ member: ALICE, expiresAt: end }],
    });
  });
});
