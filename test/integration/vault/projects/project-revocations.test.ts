import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import { access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const CELLS = { Secrets: ['Manage', 'View'] };
const fields = (projectScope: PermissionTemplate['projectScope']) => ({
  description: '',
  capabilities: CELLS,
  projectScope,
});

describe('a project that a person deletes (P2)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    await create('web');
    const template = { kind: 'CreateTemplate', before: null } as const;
    await vault.step({ ...template, key: 'dev', after: fields(['Main', 'web']) });
    await vault.step({ ...template, key: 'ops', after: fields('All') });
    await member(vault, ALICE, {
      template: 'ops',
      projectScope: ['Main', 'web'],
      grants: [{ project: 'web', access: 'Read' }],
    });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const create = (key: string) =>
    vault.step({ kind: 'CreateProject', key, before: null, after: { description: '' } });
  const createByPerson = (name: string) => boss.ask('POST', at('/projects'), { name });
  const remove = async (name: string): Promise<string> => {
    const { projects } = await vault.snapshot();
    const { status } = await boss.ask('DELETE', at(`/projects/${name}?confirm=${name}`));
    expect(status).toBe(204);
    return projects.find((project) => project.name === name)?.id ?? '';
  };
  const restore = (id: string, body: object = {}) => boss.ask('POST', at(`/trash/${id}/restore`), body);
  const cuts = async () =>
    (await vault.snapshot()).tombstones.map(({ kind, key, act, item }) => [kind, key, act, item]);
  const entry = async () => (await vault.snapshot()).tombstones[0]?.entry ?? '';
  const scopes = async () => {
    const { templates, members } = await vault.snapshot();
    const scope = (of: readonly { projectScope: unknown; name?: string; email?: string }[], key: string) =>
      of.find(({ name, email }) => (name ?? email) === key)?.projectScope;
    return [scope(templates, 'dev'), scope(templates, 'ops'), scope(members, ALICE)];
  };
  const widenTemplate = {
    kind: 'UpdateTemplate',
    key: 'dev',
    before: fields(['Main']),
    after: fields(['Main', 'web']),
  } as const;
  const widenMember = {
    kind: 'SetMemberAccess',
    key: ALICE,
    before: access({ template: 'ops', projectScope: ['Main'] }),
    after: access({ template: 'ops', projectScope: ['Main', 'web'] }),
  } as const;

  it('is cut out of every grant and scope that named it, and Git alone gives none of them back (rail 7)', async () => {
    await remove('web');
    expect(await cuts()).toEqual([
      ['Member', ALICE, 'GrantRemoved', 'web'],
      ['Member', ALICE, 'ScopeNarrowed', 'web'],
      ['PermissionTemplate', 'dev', 'ScopeNarrowed', 'web'],
      ['Project', 'web', 'ProjectDeleted', null],
    ]);
    await createByPerson('web');
    await create('api');
    expect(await scopes()).toEqual([['Main'], 'All', ['Main']]);
    expect(await vault.step(widenTemplate)).toBe('Tombstoned');
    expect(await vault.step(widenMember)).toBe('Tombstoned');
    const all = { ...widenMember, after: access({ template: 'ops' }) } as const;
    expect(await vault.step(all)).toBe('Tombstoned');
    // Another project is nobody's cut.
    const other = { ...widenTemplate, after: fields(['Main', 'api']) } as const;
    expect(await vault.step(other)).toBe('Done');
    const rest = { ...widenTemplate, before: fields(['Main', 'api']), after: fields(['Main', 'api', 'web']) };
    expect(await vault.step(rest, { reinstate: await entry() })).toBe('Done');
    expect(await vault.step(widenMember, { reinstate: await entry() })).toBe('Done');
    expect(await cuts()).toEqual([['Member', ALICE, 'GrantRemoved', 'web']]);
  });

  it('is not in the scope of a template that Git makes anew, nor of an invite (rail 7)', async () => {
    await remove('web');
    await createByPerson('web');
    await boss.ask('DELETE', at('/templates/dev'));
    await boss.ask('DELETE', at(`/members/${ALICE}`));
    const anew = { kind: 'CreateTemplate', key: 'dev', before: null, after: fields(['web']) } as const;
    expect(await vault.step(anew)).toBe('Tombstoned');
    expect(await vault.step({ ...anew, after: fields('All') })).toBe('Tombstoned');
    const cut = (await vault.snapshot()).tombstones.find(({ act }) => act === 'Removed')?.entry ?? '';
    const invite = { kind: 'InviteMember', key: ALICE, before: null } as const;
    const within = access({ template: 'ops', projectScope: ['web'] });
    expect(await vault.step({ ...invite, after: within }, { reinstate: cut })).toBe('Tombstoned');
    const without = access({ template: 'ops', projectScope: ['Main'] });
    expect(await vault.step({ ...invite, after: without }, { reinstate: cut })).toBe('Done');
  });

  it('comes back into nobody’s grants and scopes with a restore, and Git may give them again (H1)', async () => {
    const id = await remove('web');
    // A holder since.
    await member(vault, 'bob@acme.example', { template: 'dev' });
    expect((await restore(id)).status).toBe(200);
    expect(await scopes()).toEqual([['Main'], 'All', ['Main']]);
    expect(await cuts()).toEqual([]);
    expect(await vault.step(widenTemplate)).toBe('Done');
    expect(await vault.step(widenMember)).toBe('Done');
  });

  it('stays cut under its name where it is restored under another one (rail 7)', async () => {
    const id = await remove('web');
    const before = await cuts();
    expect((await restore(id, { name: 'web-before' })).status).toBe(200);
    expect(await scopes()).toEqual([['Main'], 'All', ['Main']]);
    expect(await cuts()).toEqual(before);
    await createByPerson('web');
    expect(await vault.step(widenTemplate)).toBe('Tombstoned');
  });

  it('brings back no scope that it still had in a database of before', async () => {
    const id = await remove('web');
    await vault.database.edit(`update templates set project_scope = '["${id}"]' where name = 'dev'`);
    await vault.database.edit(`update members set project_scope = '["${id}"]' where email = '${ALICE}'`);
    expect((await restore(id)).status).toBe(200);
    expect(await scopes()).toEqual([[], 'All', []]);
  });

  it('leaves no cut where a manager deleted it: that is Git’s own act', async () => {
    const before = { description: '', secrets: [] };
    const action = { kind: 'DeleteProject', key: 'web', before, after: null } as const;
    await vault.step(
      { kind: 'Claim', key: 'Project/web', before: null, after: { kind: 'Project', applied: {} } },
      { record: record('Project', 'web', {}) },
    );
    const digest = planDigest(vault.vaultId, [action]);
    const given = await boss.ask<{ id: string }>('POST', at('/approvals'), { digest, reason: 'test' });
    const approval = { digest, approver: 'owner', via: 'Vault', reference: given.body.id, reason: 'test' };
    const fence = await vault.fence();
    await vault.request('POST', '/reservations', { fence, class: 'projects', actions: [action], approval });
    expect(await vault.step(action)).toBe('Done');
    expect(await scopes()).toEqual([['Main'], 'All', ['Main']]);
    expect(await cuts()).toEqual([]);
  });
});
