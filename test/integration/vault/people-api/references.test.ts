import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('a path names a thing by its name or by its id (V7)', () => {
  let vault: TestVault;
  let boss: Person;
  let ids: Readonly<Record<string, string>>;
  beforeAll(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    await member(vault, ALICE);
    ids = await setValues(vault, { 'web/cookie': 'c1', 'db/password': 'p1' });
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const at = (path: string) => `/vaults/${vault.vaultId}${path}`;
  const list = async <Row>(path: string, rows: string): Promise<readonly Row[]> => {
    const { body } = await boss.ask<Record<string, readonly Row[]>>('GET', at(path));
    return body[rows] ?? [];
  };
  const idOf = async (path: string, rows: string, name: string): Promise<string> => {
    const found = await list<{ id: string; name?: string; email?: string }>(path, rows);
    return found.find((one) => (one.name ?? one.email) === name)?.id ?? 'none';
  };
  const lastEntry = () =>
    vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('vault_id', '=', vault.vaultId)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
      .then(({ entry }) => JSON.parse(entry) as { action: string; subject: { key: string } });

  it('a machine, a group, a template, a project, a secret and a member by id, and the log has the name', async () => {
    const { id: machine } = await newMachine(vault, 'build');
    await boss.ask('POST', at('/groups'), { name: 'Dev' });
    await boss.ask('POST', at('/templates'), { name: 'readers', capabilities: {} });
    const group = await idOf('/groups', 'groups', 'Dev');
    const template = await idOf('/templates', 'templates', 'readers');
    const project = await idOf('/projects', 'projects', 'web');
    const person = await idOf('/members', 'members', ALICE);
    const done = [
      ['POST', `/machines/${machine}/disable`, {}, 'machine.disabled', 'build'],
      ['POST', `/groups/${group}/members`, { emails: [ALICE] }, 'group.members-added', 'Dev'],
      ['PUT', `/groups/${group}/grants/${project}`, { access: 'Read' }, 'group.grant-set', 'Dev'],
      ['DELETE', `/groups/${group}/members/${person}`, undefined, 'group.member-removed', 'Dev'],
      ['POST', `/templates/${template}/archive`, {}, 'template.archived', 'readers'],
      ['PATCH', `/projects/${project}`, { description: 'x' }, 'project.updated', 'web'],
      [
        'PATCH',
        `/projects/${project}/secrets/${ids['web/cookie']}`,
        { name: 'biscuit' },
        'secret.renamed',
        'web/biscuit',
      ],
      ['POST', `/members/${person}/suspend`, {}, 'member.suspended', ALICE],
      ['POST', `/members/${person}/unsuspend`, {}, 'member.unsuspended', ALICE],
    ] as const;
    for (const [method, path, body, action, key] of done) {
      const { status } = await boss.ask(method, at(path), body);
      expect(status, `${method} ${path}`).toBeLessThan(300);
      expect(await lastEntry(), `${method} ${path}`).toMatchObject({ action, subject: { key } });
    }
  });

  it('a machine of before, whose name a path would change, is disabled and revoked by its id', async () => {
    const { id, client } = await newMachine(vault, 'before');
    await changeMachine(vault, 'before', async ({ db }) => {
      await db.updateTable('machines').set({ name: '..' }).where('id', '=', id).execute();
    });
    expect((await client.send('GET', '/v1/secrets')).status).toBe(200);
    expect((await boss.ask('POST', at(`/machines/${id}/disable`))).status).toBe(204);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(403);
    expect((await boss.ask('DELETE', at(`/machines/${id}`))).status).toBe(204);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(401);
  });

  it('a secret by its id is one of the project that the path names, and of no other', async () => {
    const path = `/projects/web/secrets/${ids['db/password']}/versions`;
    expect((await boss.ask('GET', at(path))).status).toBe(404);
    const right = `/projects/db/secrets/${ids['db/password']}/versions`;
    expect((await boss.ask('GET', at(right))).status).toBe(200);
  });

  it('the project of an id is what a person is judged in, and a refusal does not tell its name (T3)', async () => {
    const project = await idOf('/projects', 'projects', 'db');
    const carol = await member(vault, 'carol@acme.example', {
      grants: [{ project: 'web', access: 'Write' }],
    });
    const web = await idOf('/projects', 'projects', 'web');
    expect((await carol.ask('GET', at(`/projects/${web}/secrets/biscuit/versions`))).status).toBe(200);
    const { status, body } = await carol.ask('GET', at(`/projects/${project}/secrets/password/versions`));
    expect([status, body.detail]).toEqual([403, `Requires Secrets: View in ${project}.`]);
  });

  it('what is in the trash is named by nothing else than its place there', async () => {
    await boss.ask('POST', at('/projects'), { name: 'old' });
    const old = await idOf('/projects', 'projects', 'old');
    await boss.ask('DELETE', at('/projects/old?confirm=old'));
    await boss.ask('POST', at('/projects'), { name: 'old' });
    expect((await boss.ask('PATCH', at(`/projects/${old}`), { description: 'x' })).status).toBe(404);
  });

  it('no name is the id of another of its kind, of one in the trash neither', async () => {
    const { id: machine } = await newMachine(vault, 'twin');
    await boss.ask('POST', at('/projects'), { name: 'trashed' });
    const trashed = await idOf('/projects', 'projects', 'trashed');
    await boss.ask('DELETE', at('/projects/trashed?confirm=trashed'));
    const taken = [
      ['/machines', { name: machine, lifeSeconds: 3600 }],
      ['/projects', { name: trashed }],
      ['/projects/web/secrets', { name: ids['web/cookie'], content: { value: 'v' } }],
    ] as const;
    for (const [path, body] of taken) {
      expect((await boss.ask('POST', at(path), body)).body, path).toMatchObject({ code: 'NameTaken' });
    }
  });

  it('an id of nothing is refused as a name of nothing', async () => {
    const nothing = ['/groups/grp_0000000000000000', '/machines/00000000-0000-4000-8000-000000000000'];
    for (const path of nothing) expect((await boss.ask('DELETE', at(path))).status).toBe(404);
  });

  it('who invites and may not see members is told no address by an id', async () => {
    const person = await idOf('/members', 'members', ALICE);
    const { status, body } = await boss.ask('DELETE', at(`/invites/${person}`));
    expect([status, body.detail]).toEqual([404, `You have no open invite of ${person.toLowerCase()}.`]);
  });
});
