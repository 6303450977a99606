import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemberAccess, ProjectScope } from '#model/organization.ts';
import { access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('what a person gives anew that is less than was cut answers the cut no further (rail 7)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    for (const name of ['api', 'web']) await ask('POST', '/projects', { name });
    await ask('POST', '/templates', { name: 'dev', capabilities: { Secrets: ['View', 'Manage'] } });
    await ask('POST', '/templates', { name: 'view', capabilities: { Secrets: ['View'] } });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const ask = async (method: string, path: string, body?: object): Promise<void> => {
    const { status } = await boss.ask(method, `/vaults/${vault.vaultId}${path}`, body);
    expect(status, path).toBeLessThan(300);
  };
  const set = (field: string, body: object) => ask('PUT', `/members/${ALICE}/${field}`, body);
  const cuts = async () => (await vault.snapshot()).tombstones.map(({ act, item }) => [act, item]);
  const git = async (after: MemberAccess): Promise<string> => {
    const found = (await vault.snapshot()).members.find(({ email }) => email === ALICE);
    const { role, template, projectScope, grants } = found ?? access();
    const before = { role, template, projectScope, grants };
    return vault.step({ kind: 'SetMemberAccess', key: ALICE, before, after });
  };

  it('a grant: Read given back is no Write', async () => {
    await member(vault, ALICE, { grants: [{ project: 'web', access: 'Write' }] });
    await ask('DELETE', `/members/${ALICE}/grants/web`);
    await set('grants/web', { access: 'Read' });
    expect(await git(access({ grants: [{ project: 'web', access: 'Write' }] }))).toBe('Tombstoned');
    await set('grants/web', { access: 'Write' });
    expect(await cuts()).toEqual([]);
  });

  it('a scope: a project given back is not the others', async () => {
    const scoped = (projectScope: ProjectScope | null) => access({ template: 'dev', projectScope });
    await member(vault, ALICE, scoped(['Main', 'api', 'web']));
    await set('scope', { projectScope: ['Main'] });
    await set('scope', { projectScope: ['Main', 'api'] });
    expect(await cuts()).toEqual([['ScopeNarrowed', 'web']]);
    expect(await git(scoped(['Main', 'api', 'web']))).toBe('Tombstoned');
    expect(await git(scoped(null))).toBe('Tombstoned');
    await set('scope', { projectScope: null });
    expect(await cuts()).toEqual([]);
    await set('scope', { projectScope: ['Main'] });
    await set('scope', { projectScope: ['Main', 'api'] });
    expect(await cuts()).toEqual([['ScopeNarrowed', null]]);
    expect(await git(scoped(['Main', 'api', 'web']))).toBe('Tombstoned');
  });

  it('a template: another one is not the one that was taken', async () => {
    await member(vault, ALICE, { template: 'dev' });
    await set('template', { template: null });
    await set('template', { template: 'view' });
    expect(await cuts()).toEqual([['TemplateTaken', 'dev']]);
    expect(await git(access({ template: 'dev' }))).toBe('Tombstoned');
    await set('template', { template: 'dev' });
    expect(await cuts()).toEqual([]);
  });

  it('a template: exchanged for one that gives as much as its narrowed scope did', async () => {
    await member(vault, ALICE, { template: 'dev' });
    await set('scope', { projectScope: [] });
    await set('template', { template: 'view' });
    expect(await git(access({ template: 'dev' }))).toBe('Tombstoned');
  });

  it('the scope of a template', async () => {
    const fields = (projectScope: ProjectScope) => ({
      ...{ description: '', capabilities: { Secrets: ['View', 'Manage'] } },
      projectScope,
    });
    const managed = {
      kind: 'CreateTemplate',
      key: 'ops',
      before: null,
      after: fields(['Main', 'api']),
    } as const;
    await vault.step(managed, { record: record('PermissionTemplate', 'ops') });
    await ask('PATCH', '/templates/ops', { projectScope: [] });
    await ask('PATCH', '/templates/ops', { projectScope: ['api'] });
    expect(await cuts()).toEqual([['ScopeNarrowed', 'Main']]);
    const [before, after] = [fields(['api']), fields(['Main', 'api'])];
    expect(await vault.step({ kind: 'UpdateTemplate', key: 'ops', before, after })).toBe('Tombstoned');
  });

  it('a template made anew with less than it had', async () => {
    const after = {
      description: '',
      capabilities: { Secrets: ['Manage', 'View'] },
      projectScope: 'All',
    } as const;
    const managed = { kind: 'CreateTemplate', key: 'ops', before: null, after } as const;
    await vault.step(managed, { record: record('PermissionTemplate', 'ops') });
    await ask('DELETE', '/templates/ops');
    const capabilities = { Secrets: ['View'] };
    await ask('POST', '/templates', { name: 'ops', capabilities });
    expect(await cuts()).toEqual([['CellRemoved', 'Secrets: Manage']]);
    const before = { ...after, capabilities };
    expect(await vault.step({ kind: 'UpdateTemplate', key: 'ops', before, after })).toBe('Tombstoned');
  });
});
