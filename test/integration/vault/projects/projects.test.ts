import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { putRecord } from '#vault/managed/records.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('projects as people keep them (P2)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault({ plan: 'Free' });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const done = async (by: Person, method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await by.ask(method, at(path), body);
    return answer.status < 300 ? answer.status : answer.body.code;
  };
  const listed = async (by: Person) =>
    (
      await by.ask<{ projects: { name: string; description: string; secrets: number }[] }>(
        'GET',
        at('/projects'),
      )
    ).body.projects.map(({ name, description, secrets }) => [name, description, secrets]);

  it('are made by admins and edited by who manages them, up to the cap of the plan (O4, P3)', async () => {
    const admin = await member(vault, ALICE, { role: 'Admin' });
    expect(await done(admin, 'POST', '/projects', { name: 'web', description: 'The shop' })).toBe(201);
    expect(await done(admin, 'POST', '/projects', { name: 'web' })).toBe('NameTaken');
    expect(await done(admin, 'PATCH', '/projects/web', { description: 'The new shop' })).toBe(204);
    expect(await listed(admin)).toEqual([
      ['Main', '', 0],
      ['web', 'The new shop', 0],
    ]);
    for (const name of ['a', 'b', 'c']) await done(admin, 'POST', '/projects', { name });
    expect(await done(admin, 'POST', '/projects', { name: 'd' })).toBe('QuotaReached');
  });

  it('keep their secrets, grants and scopes under another name', async () => {
    const alice = await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Write' }] });
    const put = (project: string) => alice.ask('PUT', at(`/projects/${project}/secrets/s`), { value: 'v' });
    await put('Main');
    expect(await done(boss, 'PATCH', '/projects/Main', { name: 'shop' })).toBe(204);
    expect((await put('shop')).body).toMatchObject({ version: 2 });
    expect((await put('Main')).status).toBe(403);
    expect(await listed(alice)).toEqual([['shop', '', 1]]);
    await done(boss, 'POST', '/projects', { name: 'Main' });
    expect(await done(boss, 'PATCH', '/projects/Main', { name: 'shop' })).toBe('NameTaken');
    expect((await put('Main')).status).toBe(403);
  });

  it('are not renamed where Git knows them by their name', async () => {
    const made = { kind: 'CreateProject', key: 'web', before: null, after: { description: '' } } as const;
    await vault.step(made, { record: record('Project', 'web') });
    expect(await done(boss, 'PATCH', '/projects/web', { name: 'shop' })).toBe('Foreign');
    expect(await done(boss, 'PATCH', '/projects/web', { description: 'd' })).toBe(204);
  });

  it('neither leave nor take a name that Git gives access by, whoever renames them (O4, T4, H1)', async () => {
    const admin = await member(vault, ALICE, { role: 'Admin' });
    await done(boss, 'POST', '/projects', { name: 'web' });
    const claim = async (kind: 'Member' | 'PermissionTemplate' | 'MachineBinding', applied: object) => {
      const key = kind === 'Member' ? 'owner@acme.example' : 'declared';
      const given = record(kind, key, JSON.parse(JSON.stringify(applied)));
      await vault.context.act(vault.vaultId, vault.owner, async (act) => {
        await putRecord(act, given, given.manager);
        await act.audit({ action: 'record.claimed', subject: { kind, key } });
      });
    };
    await claim('MachineBinding', { access: [{ project: 'web', secrets: ['s'] }] });
    await claim('Member', { member: { projectScope: ['by-scope'] }, grants: [{ project: 'by-grant' }] });
    await claim('PermissionTemplate', { projectScope: ['by-template'] });
    expect(await done(admin, 'PATCH', '/projects/web', { name: 'shop' })).toBe('Foreign');
    for (const name of ['by-scope', 'by-grant', 'by-template']) {
      expect(await done(admin, 'PATCH', '/projects/Main', { name }), name).toBe('Foreign');
    }
    expect(await done(admin, 'PATCH', '/projects/Main', { name: 'shop' })).toBe(204);
  });

  it('show to a member those that they may see (T3)', async () => {
    const alice = await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Read' }] });
    await done(boss, 'POST', '/projects', { name: 'web' });
    expect(await listed(alice)).toEqual([['Main', '', 0]]);
    expect(await done(alice, 'POST', '/projects', { name: 'mine' })).toBe('Forbidden');
    expect(await done(alice, 'PATCH', '/projects/Main', { description: 'mine' })).toBe('Forbidden');
  });
});
