import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { StepAction } from '#model/step.ts';
import { setValues } from '#test/builders/machine.ts';
import { access, OWNER, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { invitee, member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';

describe('groups (G1, G2)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const done = async (by: Person, method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await by.ask(method, at(path), body);
    return answer.status < 300 ? answer.status : answer.body.code;
  };
  const groups = async () =>
    (await vault.snapshot()).groups.map(({ name, members, grants }) => [name, members, grants]);
  const put = (by: Person) => by.ask('PUT', at('/projects/Main/secrets/s'), { value: 'v' });
  const newGroup = async (name: string, members: readonly string[], grant?: 'Read' | 'Write') => {
    expect(await done(boss, 'POST', '/groups', { name })).toBe(201);
    if (members.length > 0) {
      expect(await done(boss, 'POST', `/groups/${name}/members`, { emails: members })).toBe(204);
    }
    if (grant === undefined) return;
    expect(await done(boss, 'PUT', `/groups/${name}/grants/Main`, { access: grant })).toBe(204);
  };

  it('a new organization starts with the group Everyone beside the project Main (P1)', async () => {
    expect(await groups()).toEqual([['Everyone', [OWNER], []]]);
    expect((await boss.ask('GET', at('/projects'))).body).toMatchObject({ projects: [{ name: 'Main' }] });
    expect(await done(boss, 'DELETE', '/groups/Everyone')).toBe(204);
    expect(await groups()).toEqual([]);
  });

  it('give their members what they are granted, with the next request, and take it back with it (G1)', async () => {
    const alice = await member(vault, ALICE);
    expect((await put(alice)).status).toBe(403);
    await newGroup('ops', [ALICE], 'Write');
    expect((await put(alice)).status).toBe(200);
    expect(await done(boss, 'PUT', '/groups/ops/grants/Main', { access: 'Read' })).toBe(204);
    expect((await put(alice)).status).toBe(403);
    expect((await alice.ask('GET', at('/secrets'))).body).toMatchObject({ secrets: [{ name: 's' }] });
    expect(await done(boss, 'DELETE', '/groups/ops/grants/Main')).toBe(204);
    expect((await alice.ask('GET', at('/secrets'))).body).toMatchObject({ secrets: [] });
  });

  it('add to direct grants and to each other: what one goes on giving is not lost with another (G1)', async () => {
    const alice = await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Read' }] });
    await newGroup('ops', [ALICE], 'Write');
    await newGroup('qa', [ALICE], 'Write');
    expect(await done(boss, 'DELETE', '/groups/ops')).toBe(204);
    expect((await put(alice)).status).toBe(200);
    expect(await done(boss, 'DELETE', `/groups/qa/members/${ALICE}`)).toBe(204);
    expect((await put(alice)).status).toBe(403);
    expect((await alice.ask('GET', at('/secrets'))).body).toMatchObject({ secrets: [{ name: 's' }] });
  });

  it('are renamed and duplicated with members and grants, and gone with all they gave (G2)', async () => {
    const alice = await member(vault, ALICE);
    await newGroup('ops', [ALICE], 'Write');
    expect(await done(boss, 'POST', '/groups/ops/duplicate', { name: 'ops-2' })).toBe(201);
    expect(await done(boss, 'PATCH', '/groups/ops', { name: 'operations' })).toBe(204);
    const grants = [{ project: 'Main', access: 'Write' }];
    expect(await groups()).toEqual([
      ['Everyone', [OWNER], []],
      ['operations', [ALICE], grants],
      ['ops-2', [ALICE], grants],
    ]);
    expect((await boss.ask('GET', at('/groups'))).body).toMatchObject({
      groups: [{ name: 'Everyone', members: 1, grants: [] }, { name: 'operations', members: 1, grants }, {}],
    });
    expect(await done(boss, 'DELETE', '/groups/operations')).toBe(204);
    expect((await put(alice)).status).toBe(200);
    expect(await done(boss, 'DELETE', '/groups/ops-2')).toBe(204);
    expect((await put(alice)).status).toBe(403);
    expect(await done(boss, 'DELETE', '/groups/ops-2')).toBe('NotFound');
  });

  it('refuse a name that is taken, and whom nobody invited; all of a list are added or none', async () => {
    await newGroup('ops', []);
    await member(vault, ALICE);
    expect(await done(boss, 'POST', '/groups', { name: 'ops' })).toBe('NameTaken');
    expect(await done(boss, 'PATCH', '/groups/ops', { name: 'Everyone' })).toBe('NameTaken');
    expect(await done(boss, 'POST', '/groups/ops/duplicate', { name: 'ops' })).toBe('NameTaken');
    const emails = [ALICE, 'nobody@acme.example'];
    expect(await done(boss, 'POST', '/groups/ops/members', { emails })).toBe('NotFound');
    expect(await done(boss, 'PUT', '/groups/ops/grants/none', { access: 'Read' })).toBe('NotFound');
    expect((await groups())[1]).toEqual(['ops', [], []]);
  });

  it('list an invitee before they join, who has the access once they have accepted (G2)', async () => {
    const bob = await invitee(vault, BOB);
    await newGroup('ops', ['Bob@Acme.example'], 'Write');
    expect(await done(boss, 'POST', '/groups/ops/members', { emails: [BOB] })).toBe(204);
    expect((await boss.ask('GET', at('/groups/ops/members'))).body).toEqual({
      members: [{ email: BOB, state: 'Invited' }],
      next: null,
    });
    const { invites } = (await bob.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
    await bob.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {});
    await bob.ask('PUT', '/sessions/current/vault', { vaultId: vault.vaultId });
    expect((await put(bob)).status).toBe(200);
  });

  it('keep a suspended member, who has nothing until un-suspended (M1), and forget a removed one (M2)', async () => {
    await member(vault, ALICE);
    await newGroup('ops', [ALICE], 'Write');
    await boss.ask('POST', at(`/members/${ALICE}/suspend`));
    expect((await groups())[1]).toEqual(['ops', [ALICE], [{ project: 'Main', access: 'Write' }]]);
    await boss.ask('POST', at(`/members/${ALICE}/unsuspend`));
    await setValues(vault, { 'Main/key': 'v' });
    await boss.ask('DELETE', at(`/members/${ALICE}`));
    expect((await groups())[1]?.[1]).toEqual([]);
    const { entries } = (
      await boss.ask<{ entries: { action: string; details: object }[] }>('GET', at('/audit?limit=500'))
    ).body;
    // M2: what the group gave is to be rotated too.
    expect(entries.at(-1)).toMatchObject({ action: 'member.removed', details: { rotate: ['Main/key'] } });
  });

  it('forget whom and what the operator removes', async () => {
    const run = async (lossClass: string, action: StepAction): Promise<string> => {
      const digest = planDigest(vault.vaultId, [action]);
      const given = await boss.ask<{ id: string }>('POST', at('/approvals'), { digest, reason: 'r' });
      const approval = { digest, approver: 'owner', via: 'Vault', reference: given.body.id, reason: 'r' };
      const fence = await vault.fence();
      const body = { fence, class: lossClass, actions: [action], approval };
      expect((await vault.request('POST', '/reservations', body)).status).toBe(200);
      return vault.step(action, { record: null });
    };
    await member(vault, ALICE);
    const web = { kind: 'CreateProject', key: 'web', before: null, after: { description: '' } } as const;
    await vault.step(web, { record: record('Project', 'web') });
    await newGroup('ops', [ALICE], 'Write');
    expect(await done(boss, 'PUT', '/groups/ops/grants/web', { access: 'Read' })).toBe(204);
    const before = { ...access(), state: 'Active' } as const;
    expect(await run('people', { kind: 'RemoveMember', key: ALICE, before, after: null })).toBe('Done');
    expect((await groups())[1]?.[1]).toEqual([]);
    const empty = { description: '', secrets: [] };
    expect(await run('projects', { kind: 'DeleteProject', key: 'web', before: empty, after: null })).toBe(
      'Done',
    );
    expect((await groups())[1]?.[2]).toEqual([{ project: 'Main', access: 'Write' }]);
    // A project of that name that is made later is another one.
    await vault.step(web);
    expect((await groups())[1]?.[2]).toEqual([{ project: 'Main', access: 'Write' }]);
  });

  it('keep what the operator takes elsewhere from being a loss: no reservation is needed (rail 1)', async () => {
    const grants = [{ project: 'Main', access: 'Write' }] as const;
    const capabilities = { Secrets: ['View', 'Manage'] };
    const template = { description: '', capabilities, projectScope: ['Main'] };
    await vault.step({ kind: 'CreateTemplate', key: 'dev', before: null, after: template });
    await member(vault, ALICE, { grants });
    await member(vault, BOB, { template: 'dev' });
    const takesGrant = {
      kind: 'SetMemberAccess',
      key: ALICE,
      before: access({ grants }),
      after: access(),
    } as const;
    const takesCell = {
      kind: 'UpdateTemplate',
      key: 'dev',
      before: template,
      after: { ...template, capabilities: { Secrets: ['View'] } },
    } as const;
    await newGroup('ops', [ALICE, BOB], 'Read');
    expect(await vault.step(takesGrant)).toBe('NotReserved');
    expect(await vault.step(takesCell)).toBe('NotReserved');
    expect(await done(boss, 'PUT', '/groups/ops/grants/Main', { access: 'Write' })).toBe(204);
    expect(await vault.step(takesGrant)).toBe('Done');
    expect(await vault.step(takesCell)).toBe('Done');
    expect((await vault.snapshot()).ledger).toEqual([]);
  });

  it('are kept by admins, their grants too; who manages a project by a template gives nobody more (O4)', async () => {
    const admin = await member(vault, ALICE, { role: 'Admin' });
    const plain = await member(vault, BOB);
    expect(await done(admin, 'POST', '/groups', { name: 'ops' })).toBe(201);
    expect(await done(admin, 'PUT', '/groups/ops/grants/Main', { access: 'Write' })).toBe(204);
    expect(await done(admin, 'POST', '/groups/ops/members', { emails: [BOB] })).toBe(204);
    expect(await done(plain, 'GET', '/groups')).toBe('Forbidden');
    expect(await done(plain, 'DELETE', `/groups/ops/members/${BOB}`)).toBe('Forbidden');
    expect(await done(plain, 'PUT', '/groups/ops/grants/Main', { access: 'Write' })).toBe('Forbidden');
    const capabilities = { Projects: ['Manage'] };
    await boss.ask('POST', at('/templates'), { name: 'lead', capabilities, projectScope: ['Main'] });
    await boss.ask('PUT', at(`/members/${BOB}/template`), { template: 'lead' });
    expect(await done(plain, 'PATCH', '/projects/Main', { description: 'mine to edit' })).toBe(204);
    expect(await done(plain, 'PUT', '/groups/ops/grants/Main', { access: 'Write' })).toBe('Forbidden');
    expect(await done(plain, 'PUT', `/members/${BOB}/grants/Main`, { access: 'Write' })).toBe('Forbidden');
    expect(await done(plain, 'DELETE', '/groups/ops/grants/Main')).toBe('Forbidden');
  });

  it('write an audit entry an act (A2)', async () => {
    await member(vault, ALICE);
    await newGroup('ops', [ALICE], 'Read');
    await done(boss, 'PUT', '/groups/ops/grants/Main', { access: 'Read' });
    await done(boss, 'DELETE', `/groups/ops/members/${ALICE}`);
    await done(boss, 'DELETE', '/groups/ops/grants/Main');
    await done(boss, 'DELETE', '/groups/ops');
    const { entries } = (
      await boss.ask<{ entries: { action: string; subject: { key: string } }[] }>('GET', at('/audit'))
    ).body;
    expect(entries.filter(({ action }) => action.startsWith('group.')).map(({ action }) => action)).toEqual([
      'group.created',
      'group.members-added',
      'group.grant-set',
      'group.member-removed',
      'group.grant-removed',
      'group.deleted',
    ]);
  });
});

describe('groups by plan (P3, P4)', () => {
  it('are not in the plan Free: none at the start, none later', async () => {
    await using vault = await startTestVault({ plan: 'Free' });
    const boss = await owner(vault);
    expect((await vault.snapshot()).groups).toEqual([]);
    expect(await boss.ask('POST', `/vaults/${vault.vaultId}/groups`, { name: 'ops' })).toMatchObject({
      status: 409,
      body: { code: 'QuotaReached', detail: 'The plan Free has no groups.' },
    });
  });

  it('stop at the cap of the plan', async () => {
    await using vault = await startTestVault({ plan: 'Team' });
    const boss = await owner(vault);
    const create = (name: string) => boss.ask('POST', `/vaults/${vault.vaultId}/groups`, { name });
    const { groups } = (await vault.snapshot()).plan.caps;
    for (let count = 1; count < (groups ?? 0); count += 1) await create(`g${count}`);
    expect(await create('one-more')).toMatchObject({ status: 409, body: { code: 'QuotaReached' } });
    expect((await boss.ask('GET', `/vaults/${vault.vaultId}/usage`)).body).toMatchObject({
      plan: 'Team',
      groups: { used: groups, cap: groups },
    });
  });
});
