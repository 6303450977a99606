import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock, OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { invitee, member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';

interface Page {
  readonly members: readonly {
    readonly email: string;
    readonly state: string;
    readonly cells: readonly {
      readonly cell: string;
      readonly where: string;
      readonly project: string | null;
      readonly paths: readonly object[];
    }[];
  }[];
  readonly next: string | null;
}

describe('who may do what, and by which path', () => {
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  const clock = new MovedClock();
  beforeEach(async () => {
    vault = await startTestVault({ clock });
    boss = await owner(vault);
    await boss.ask('POST', at('/projects'), { name: 'web' });
    const dev = { name: 'dev', capabilities: { Secrets: ['View'] }, projectScope: ['web'] };
    await boss.ask('POST', at('/templates'), dev);
    alice = await member(vault, ALICE, { template: 'dev', grants: [{ project: 'web', access: 'Read' }] });
    await boss.ask('POST', at('/groups'), { name: 'ops' });
    await boss.ask('POST', at('/groups/ops/members'), { emails: [ALICE] });
    await boss.ask('PUT', at('/groups/ops/grants/Main'), { access: 'Write' });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const asked = async (by: Person, query: Record<string, string>): Promise<Page & { code?: string }> =>
    (await by.ask<Page & { code?: string }>('GET', at(`/access?${new URLSearchParams(query)}`))).body;
  const emails = ({ members }: Page) => members.map(({ email }) => email);

  it('tells of a member every cell with every path that gave it', async () => {
    const { members } = await asked(boss, { member: 'Alice@acme.example' });
    expect(members).toEqual([
      {
        email: ALICE,
        userName: 'alice',
        role: 'Member',
        state: 'Active',
        template: 'dev',
        projectScope: null,
        grants: [{ project: 'web', access: 'Read' }],
        groups: ['ops'],
        cells: expect.any(Array),
      },
    ]);
    expect(
      members[0]?.cells.find(({ cell, project }) => cell === 'Secrets: View' && project === 'web'),
    ).toEqual({
      cell: 'Secrets: View',
      where: 'Project',
      project: 'web',
      paths: [
        { via: 'template', template: 'dev' },
        { via: 'grant', project: 'web', access: 'Read' },
      ],
    });
    expect(members[0]?.cells.find(({ cell }) => cell === 'Secrets: Manage')).toEqual({
      cell: 'Secrets: Manage',
      where: 'Project',
      project: 'Main',
      paths: [{ via: 'group', group: 'ops', project: 'Main', access: 'Write' }],
    });
  });

  it('tells who can do something in a project: the active ones, by whichever path (M1)', async () => {
    await member(vault, BOB, { role: 'Admin' });
    await invitee(vault, 'carol@acme.example', { template: 'dev' });
    const question = { cell: 'Secrets: View', project: 'web' };
    expect(emails(await asked(boss, question))).toEqual([ALICE, OWNER]);
    expect(emails(await asked(boss, { cell: 'Projects: Manage', project: 'web' }))).toEqual([BOB, OWNER]);
    expect(emails(await asked(boss, { cell: 'Audit log: View others' }))).toEqual([OWNER]);
    expect(emails(await asked(boss, { project: 'Main' }))).toEqual([ALICE, BOB, OWNER]);
    await boss.ask('POST', at(`/members/${ALICE}/suspend`));
    expect(emails(await asked(boss, question))).toEqual([OWNER]);
    expect((await asked(boss, { member: ALICE })).members).toMatchObject([{ state: 'Suspended', cells: [] }]);
  });

  it('tells everyone about themselves, and about others only who may view members', async () => {
    expect(emails(await asked(alice, {}))).toEqual([ALICE]);
    expect(emails(await asked(alice, { member: ALICE, cell: 'Secrets: View', project: 'Main' }))).toEqual([
      ALICE,
    ]);
    for (const query of [{ member: OWNER }, { cell: 'Secrets: View' }, { project: 'Main' }]) {
      expect((await asked(alice, query)).code, JSON.stringify(query)).toBe('Forbidden');
    }
    await boss.ask('PATCH', at('/templates/dev'), { capabilities: { Organization: ['View members'] } });
    expect(emails(await asked(alice, { member: OWNER }))).toEqual([OWNER]);
  });

  it('agrees with what is let through: a change is told with the next request (T2)', async () => {
    const question = { member: ALICE, cell: 'Secrets: Manage', project: 'Main' };
    const put = () => alice.ask('PUT', at('/projects/Main/secrets/s'), { value: 'v' });
    expect((await asked(boss, question)).members[0]?.cells).toHaveLength(1);
    expect((await put()).status).toBe(200);
    await boss.ask('DELETE', at('/groups/ops'));
    expect((await asked(boss, question)).members[0]?.cells).toEqual([]);
    expect((await put()).status).toBe(403);
  });

  it('refuses a person, a project and a cell that are not there', async () => {
    expect((await asked(boss, { member: 'nobody@acme.example' })).code).toBe('NotFound');
    expect((await asked(boss, { project: 'none' })).code).toBe('NotFound');
    expect((await asked(boss, { cell: 'Secrets: Read' })).code).toBe('InvalidRequest');
  });

  it('comes in pages that hold everybody once, though only few of many have the cell', async () => {
    const count = 2600;
    const insert = `insert into members (id, vault_id, account_id, email, user_name, role, state, template_id,
      project_scope, created_at, joined_at) values `;
    const rows = Array.from({ length: count }, (_, index) => {
      const name = `m${String(index).padStart(5, '0')}`;
      const role = index % 1000 === 999 ? 'Admin' : 'Member';
      return `('${name}', '${vault.vaultId}', null, '${name}@acme.example', '${name}', '${role}', 'Active', null, null, 0, 0)`;
    });
    await vault.database.edit(insert + rows.join(','));
    const pages: string[][] = [];
    let cursor: string | null = null;
    for (;;) {
      const from: Record<string, string> = cursor === null ? {} : { cursor };
      const page = await asked(boss, { cell: 'Projects: Manage', project: 'web', limit: '2', ...from });
      pages.push(emails(page));
      if (page.next === null) break;
      expect(page.next).not.toBe(cursor);
      cursor = page.next;
    }
    expect(pages.flat()).toEqual(['m00999@acme.example', 'm01999@acme.example', OWNER]);
    expect(Math.max(...pages.map(({ length }) => length))).toBe(2);
  });

  it('comes with how full the plan is: used and cap (P3)', async () => {
    await invitee(vault, BOB);
    expect(await alice.ask('GET', at('/usage'))).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect((await boss.ask('GET', at('/usage'))).body).toEqual({
      plan: 'Business',
      billingUrl: '',
      members: { used: 3, cap: null },
      groups: { used: 2, cap: null },
      projects: { used: 2, cap: null },
      machines: { used: 0, cap: null },
    });
  });
});
