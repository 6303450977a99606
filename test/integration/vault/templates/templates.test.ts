import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CATEGORIES, cellsOf } from '#model/capabilities.ts';
import { access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('permission templates as the owner keeps them (T1 to T4)', () => {
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    alice = await member(vault, ALICE);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const done = async (by: Person, method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await by.ask(method, at(path), body);
    return answer.status < 300 ? answer.status : answer.body.code;
  };
  const put = (by: Person, project = 'Main') =>
    by.ask('PUT', at(`/projects/${project}/secrets/s`), { value: 'v' });
  const create = (name: string, capabilities: object, more: object = {}) =>
    boss.ask('POST', at('/templates'), { name, capabilities, ...more });
  const assign = (template: string | null, email = ALICE) =>
    done(boss, 'PUT', `/members/${email}/template`, { template });
  const cuts = async () =>
    (await vault.snapshot()).tombstones.map(({ kind, key, act, item }) => [kind, key, act, item]);

  it('have name, description, cells and scope, and show who holds them (T1)', async () => {
    const fields = { description: 'd', capabilities: { Secrets: ['View'] }, projectScope: ['Main'] };
    const made = await boss.ask('POST', at('/templates'), { name: 'dev', ...fields });
    const shown = { name: 'dev', ...fields, archived: false };
    expect(made).toMatchObject({ status: 201, body: shown });
    await assign('dev');
    expect((await boss.ask('GET', at('/templates'))).body).toMatchObject({
      templates: [{ ...shown, holders: 1 }],
    });
    expect(await done(boss, 'POST', '/templates', { name: 'dev', capabilities: {} })).toBe('NameTaken');
    const unknown = { name: 'x', capabilities: { Secrets: ['Read'] } };
    expect(await done(boss, 'POST', '/templates', unknown)).toBe('InvalidRequest');
    const nowhere = { name: 'x', capabilities: {}, projectScope: ['none'] };
    expect(await done(boss, 'POST', '/templates', nowhere)).toBe('NotFound');
  });

  it('act on the holder’s next request, in the session that is open (T2)', async () => {
    await create('dev', { Secrets: ['View'] });
    await assign('dev');
    expect((await put(alice)).status).toBe(403);
    const capabilities = { Secrets: ['View', 'Manage'] };
    expect(await done(boss, 'PATCH', '/templates/dev', { capabilities })).toBe(200);
    expect((await put(alice)).status).toBe(200);
    expect(await done(boss, 'PATCH', '/templates/dev', { projectScope: [] })).toBe(200);
    expect((await put(alice)).status).toBe(403);
    expect(await done(boss, 'PATCH', '/templates/dev', { projectScope: 'All' })).toBe(200);
    expect((await put(alice)).status).toBe(200);
    expect(await assign(null)).toBe(204);
    expect((await put(alice)).status).toBe(403);
  });

  it('give vault cells on the vault and project cells only in scope (T3)', async () => {
    await boss.ask('POST', at('/projects'), { name: 'web' });
    const capabilities = { Organization: ['View members'], Secrets: ['Manage'] };
    await create('dev', capabilities, { projectScope: ['web'] });
    await assign('dev');
    expect(await done(alice, 'GET', '/members')).toBe(200);
    expect((await put(alice, 'web')).status).toBe(200);
    expect((await put(alice, 'Main')).status).toBe(403);
  });

  it('never hold a cell that is the owner’s alone, and are the owner’s alone to change (T4)', async () => {
    const everything = Object.fromEntries(CATEGORIES.map((category) => [category, cellsOf(category)]));
    const { body } = await create('all', everything);
    expect(body.capabilities).toMatchObject({
      Templates: ['View'],
      Organization: ['View members', 'Invite', 'Suspend', 'Remove'],
    });
    await assign('all');
    expect(await done(alice, 'GET', '/templates')).toBe(200);
    for (const [method, path, sent] of [
      ['POST', '/templates', { name: 'mine', capabilities: {} }],
      ['PATCH', '/templates/all', { description: 'mine' }],
      ['POST', '/templates/all/archive', undefined],
      ['DELETE', '/templates/all', undefined],
      ['PUT', `/members/${ALICE}/template`, { template: null }],
      ['PUT', `/members/${ALICE}/scope`, { projectScope: ['Main'] }],
      ['PUT', `/members/${ALICE}/role`, { role: 'Admin' }],
    ] as const) {
      expect(await done(alice, method, path, sent), `${method} ${path}`).toBe('Forbidden');
    }
  });

  it('archived are given to nobody new, whoever asks, and stay with who holds them', async () => {
    await create('dev', { Secrets: ['Manage'] });
    await assign('dev');
    await member(vault, 'bob@acme.example');
    expect(await done(boss, 'POST', '/templates/dev/archive')).toBe(204);
    expect(await done(boss, 'POST', '/templates/dev/archive')).toBe('Invalid');
    expect((await put(alice)).status).toBe(200);
    expect(await assign('dev', 'bob@acme.example')).toBe('TemplateArchived');
    const after = access({ template: 'dev' });
    expect(await vault.step({ kind: 'InviteMember', key: 'c@acme.example', before: null, after })).toBe(
      'TemplateArchived',
    );
    // Who holds it is changed in something else.
    expect(await done(boss, 'PUT', `/members/${ALICE}/scope`, { projectScope: ['Main'] })).toBe(204);
    expect(await done(boss, 'POST', '/templates/dev/unarchive')).toBe(204);
    expect(await assign('dev', 'bob@acme.example')).toBe(204);
  });

  it('are not deleted while somebody holds them; the refusal says how many', async () => {
    await create('dev', { Secrets: ['View'] });
    await assign('dev');
    expect(await boss.ask('DELETE', at('/templates/dev'))).toMatchObject({
      status: 409,
      body: { code: 'TemplateInUse', detail: '1 member holds the template dev.' },
    });
    await assign(null);
    expect(await done(boss, 'DELETE', '/templates/dev')).toBe(204);
    expect(await done(boss, 'DELETE', '/templates/dev')).toBe('NotFound');
  });

  it('are renamed unless Git knows them by their name', async () => {
    await create('dev', {});
    expect(await done(boss, 'PATCH', '/templates/dev', { name: 'developers' })).toBe(200);
    const after = { description: '', capabilities: {}, projectScope: 'All' } as const;
    const managed = { kind: 'CreateTemplate', key: 'ops', before: null, after } as const;
    await vault.step(managed, { record: record('PermissionTemplate', 'ops') });
    expect(await done(boss, 'PATCH', '/templates/developers', { name: 'ops' })).toBe('NameTaken');
    expect(await done(boss, 'PATCH', '/templates/ops', { name: 'operations' })).toBe('Foreign');
  });

  it('leave a tombstone of what was taken out of them, and none of what was put back (rail 7)', async () => {
    await create('dev', { Secrets: ['View', 'Manage'], Alerts: ['View'] });
    const capabilities = { Secrets: ['View'] };
    await boss.ask('PATCH', at('/templates/dev'), { capabilities, projectScope: ['Main'] });
    expect(await cuts()).toEqual(
      expect.arrayContaining([
        ['PermissionTemplate', 'dev', 'CellRemoved', 'Secrets: Manage'],
        ['PermissionTemplate', 'dev', 'CellRemoved', 'Alerts: View'],
        ['PermissionTemplate', 'dev', 'ScopeNarrowed', null],
      ]),
    );
    const back = { capabilities: { Secrets: ['View', 'Manage'], Alerts: ['View'] }, projectScope: 'All' };
    await boss.ask('PATCH', at('/templates/dev'), back);
    expect(await cuts()).toEqual([]);
  });

  it('deleted by the owner are not made anew by Git with what was in them (rail 7)', async () => {
    const after = { description: '', capabilities: { Secrets: ['View'] }, projectScope: 'All' } as const;
    const managed = { kind: 'CreateTemplate', key: 'ops', before: null, after } as const;
    await vault.step(managed, { record: record('PermissionTemplate', 'ops') });
    expect(await done(boss, 'DELETE', '/templates/ops')).toBe(204);
    expect(await cuts()).toEqual([['PermissionTemplate', 'ops', 'CellRemoved', 'Secrets: View']]);
    expect(await vault.step(managed)).toBe('Tombstoned');
    expect(await vault.step({ ...managed, after: { ...after, capabilities: {} } })).toBe('Done');
  });
});
