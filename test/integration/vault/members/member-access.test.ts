import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDITIVE } from '#model/authority.ts';
import type { RailSettings } from '#model/fields.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import type { MemberAccess } from '#model/organization.ts';
import { access, OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('the access of a member as people change it', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    await boss.ask('POST', at('/projects'), { name: 'web' });
    await boss.ask('POST', at('/templates'), { name: 'dev', capabilities: { Secrets: ['View', 'Manage'] } });
    await boss.ask('POST', at('/templates'), { name: 'view', capabilities: { Secrets: ['View'] } });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const done = async (by: Person, method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await by.ask(method, at(path), body);
    return answer.status < 300 ? answer.status : answer.body.code;
  };
  const set = (field: string, body: object, by = boss) => done(by, 'PUT', `/members/${ALICE}/${field}`, body);
  const accessOfAlice = async (): Promise<MemberAccess> => {
    const found = (await vault.snapshot()).members.find(({ email }) => email === ALICE);
    if (found === undefined) throw new Error('no alice');
    const { role, template, projectScope, grants } = found;
    return { role, template, projectScope, grants };
  };
  const cuts = async () => (await vault.snapshot()).tombstones.map(({ act, item }) => [act, item]);
  /** What the operator does: refused until the entry is named. */
  const expectReinstated = async (after: MemberAccess): Promise<void> => {
    const step = { kind: 'SetMemberAccess', key: ALICE, before: await accessOfAlice(), after } as const;
    const entry = (await vault.snapshot()).tombstones.at(-1)?.entry ?? 'none';
    expect(await vault.step(step)).toBe('Tombstoned');
    expect(await vault.step(step, { reinstate: entry })).toBe('Done');
    expect(await cuts()).toEqual([]);
  };

  it('the owner appoints admins, who act as such at once; nobody else does (O4)', async () => {
    const alice = await member(vault, ALICE);
    const admin = await member(vault, 'bob@acme.example', { role: 'Admin' });
    expect(await done(alice, 'GET', '/members')).toBe('Forbidden');
    expect(await set('role', { role: 'Admin' }, admin)).toBe('Forbidden');
    expect(await set('role', { role: 'Admin' })).toBe(204);
    expect(await done(alice, 'GET', '/members')).toBe(200);
    expect(await set('role', { role: 'Owner' })).toBe('InvalidRequest');
    expect(await set('role', { role: 'Member' })).toBe(204);
    expect(await done(alice, 'GET', '/members')).toBe('Forbidden');
  });

  it('a role that the owner lowered is not given back by Git alone (rail 7)', async () => {
    await member(vault, ALICE, { role: 'Admin' });
    await set('role', { role: 'Member' });
    expect(await cuts()).toEqual([['RoleLowered', null]]);
    await expectReinstated(access({ role: 'Admin' }));
    await set('role', { role: 'Member' });
    await set('role', { role: 'Admin' });
    expect(await cuts()).toEqual([]);
  });

  it('a required admin keeps role and membership until Git says otherwise; the owner may suspend them (rail 3)', async () => {
    await member(vault, ALICE, { role: 'Admin' });
    const cells = { Organization: ['View members', 'Suspend', 'Remove'] };
    await boss.ask('POST', at('/templates'), { name: 'hr', capabilities: cells });
    const holder = await member(vault, 'bob@acme.example', { template: 'hr' });
    const after: RailSettings = {
      settleSeconds: 30,
      losses: 'Budget' as const,
      lossBudget: DEFAULT_BUDGETS,
      privilegeApproval: 'Always',
      requiredAdmins: [ALICE],
      approvers: { users: [], groups: [], members: [] },
      access: [],
      invites: DEFAULT_INVITES,
      confirmation: false,
      authority: ADDITIVE,
    };
    await vault.step({ kind: 'ApplySettings', key: vault.vaultId, before: null, after });
    expect(await set('role', { role: 'Member' })).toBe('Floor');
    for (const by of [holder, boss]) expect(await done(by, 'DELETE', `/members/${ALICE}`)).toBe('Floor');
    expect(await done(holder, 'POST', `/members/${ALICE}/suspend`)).toBe('Floor');
    expect((await accessOfAlice()).role).toBe('Admin');
    expect(await cuts()).toEqual([]);
    expect(await done(boss, 'POST', `/members/${ALICE}/suspend`)).toBe(204);
    expect(await done(boss, 'POST', `/members/${ALICE}/unsuspend`)).toBe(204);
    expect((await accessOfAlice()).role).toBe('Admin');
  });

  it('a member has at most one template: a second one takes the place of the first (T1)', async () => {
    await member(vault, ALICE);
    expect(await set('template', { template: 'dev', projectScope: ['web'] })).toBe(204);
    expect(await accessOfAlice()).toEqual(access({ template: 'dev', projectScope: ['web'] }));
    expect(await set('template', { template: 'view' })).toBe(204);
    expect(await accessOfAlice()).toEqual(access({ template: 'view' }));
    expect(await set('template', { template: 'none' })).toBe('NotFound');
  });

  it('a template that was taken away or exchanged for less is not given back by Git alone (rail 7)', async () => {
    await member(vault, ALICE, { template: 'dev' });
    await set('template', { template: 'view' });
    expect(await cuts()).toEqual([['TemplateTaken', 'dev']]);
    await expectReinstated(access({ template: 'dev' }));
    await set('template', { template: null });
    expect(await cuts()).toEqual([['TemplateTaken', 'dev']]);
    await set('template', { template: 'dev' });
    expect(await cuts()).toEqual([]);
  });

  it('a scope narrows the template for one member, and never widens it (T1)', async () => {
    const alice = await member(vault, ALICE, { template: 'dev' });
    const put = (project: string) => alice.ask('PUT', at(`/projects/${project}/secrets/s`), { value: 'v' });
    expect(await set('scope', { projectScope: ['web'] })).toBe(204);
    expect([(await put('web')).status, (await put('Main')).status]).toEqual([200, 403]);
    await boss.ask('PATCH', at('/templates/dev'), { projectScope: ['Main'] });
    expect([(await put('web')).status, (await put('Main')).status]).toEqual([403, 403]);
    expect(await set('scope', { projectScope: null })).toBe(204);
    expect([(await put('web')).status, (await put('Main')).status]).toEqual([403, 200]);
  });

  it('a scope that was narrowed is not widened by Git alone (rail 7)', async () => {
    await member(vault, ALICE, { template: 'dev' });
    await set('scope', { projectScope: ['web'] });
    expect(await cuts()).toEqual([['ScopeNarrowed', null]]);
    await expectReinstated(access({ template: 'dev' }));
    await set('scope', { projectScope: ['web'] });
    await set('scope', { projectScope: null });
    expect(await cuts()).toEqual([]);
  });

  it('a grant is given, raised and lowered by who manages the project (G1)', async () => {
    const alice = await member(vault, ALICE);
    const admin = await member(vault, 'bob@acme.example', { role: 'Admin' });
    const put = () => alice.ask('PUT', at('/projects/web/secrets/s'), { value: 'v' });
    expect(await set('grants/web', { access: 'Read' }, alice)).toBe('Forbidden');
    expect(await set('grants/web', { access: 'Read' }, admin)).toBe(204);
    expect((await put()).status).toBe(403);
    expect(await set('grants/web', { access: 'Write' }, admin)).toBe(204);
    expect((await put()).status).toBe(200);
    expect(await cuts()).toEqual([]);
    expect(await set('grants/web', { access: 'Read' }, admin)).toBe(204);
    expect(await cuts()).toEqual([['GrantRemoved', 'web']]);
    await expectReinstated(access({ grants: [{ project: 'web', access: 'Write' }] }));
  });

  it('a grant that is given again by a person answers the tombstone of the one before (rail 7)', async () => {
    await member(vault, ALICE, { grants: [{ project: 'web', access: 'Read' }] });
    await done(boss, 'DELETE', `/members/${ALICE}/grants/web`);
    expect(await cuts()).toEqual([['GrantRemoved', 'web']]);
    await set('grants/web', { access: 'Write' });
    expect(await cuts()).toEqual([]);
    expect(await set('grants/none', { access: 'Read' })).toBe('NotFound');
  });

  it('never touches the owner (O3)', async () => {
    for (const [field, body] of [
      ['role', { role: 'Member' }],
      ['template', { template: 'dev' }],
      ['scope', { projectScope: ['web'] }],
      ['grants/web', { access: 'Read' }],
    ] as const) {
      expect(await done(boss, 'PUT', `/members/${OWNER}/${field}`, body), field).toBe('Floor');
    }
  });

  it('what stays as it is writes no entry; what changes writes one (A2)', async () => {
    await member(vault, ALICE);
    for (const _ of ['once', 'again']) {
      await set('role', { role: 'Admin' });
      await set('template', { template: 'dev' });
      await set('scope', { projectScope: ['web'] });
      await set('grants/web', { access: 'Read' });
    }
    const { entries } = (await boss.ask<{ entries: { action: string }[] }>('GET', at('/audit?limit=500')))
      .body;
    expect(entries.flatMap(({ action }) => (/-set$/.test(action) ? [action] : []))).toEqual([
      'member.role-set',
      'member.template-set',
      'member.scope-set',
      'member.grant-set',
    ]);
  });
});
