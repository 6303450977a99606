import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { invitee, member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const NAMES = ['c', 'a', 'b'];

type Body = Record<string, unknown> & { readonly next: string | null; readonly code?: string };

/** Path of each list and the field of its rows. */
const LISTS = [
  ['/members', 'members'],
  ['/invites', 'invites'],
  ['/projects', 'projects'],
  ['/secrets', 'secrets'],
  ['/policies', 'policies'],
  ['/machines', 'machines'],
  ['/groups', 'groups'],
  ['/groups/a/members', 'members'],
  ['/access?cell=Audit%20log%3A%20View', 'members'],
  ['/audit', 'entries'],
  ['/trash', 'items'],
] as const;

describe('a list of people', () => {
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeAll(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    alice = await member(vault, ALICE);
    const emails = NAMES.map((name) => `${name}@acme.example`);
    for (const email of emails) await invitee(vault, email);
    for (const name of NAMES) {
      await newMachine(vault, name);
      await done('POST', '/groups', { name });
    }
    await done('POST', '/groups/a/members', { emails });
    await setValues(vault, Object.fromEntries(NAMES.flatMap((p) => NAMES.map((s) => [`${p}/${s}`, 'v']))));
    for (const name of NAMES) {
      await done('PUT', `/projects/b/secrets/${name}/policy`, { reads: 5 });
      await done('DELETE', `/projects/a/secrets/${name}?confirm=${name}`);
    }
    for (const name of ['gone', 'lost']) {
      await done('POST', '/projects', { name });
      await done('PUT', `/projects/${name}/secrets/with-it`, { value: 'v' });
      await done('DELETE', `/projects/${name}?confirm=${name}`);
    }
    // Of one moment, so that the order is by more than the time.
    await vault.database.edit('update secrets set deleted_at = 7 where deleted_at is not null');
    await vault.database.edit('update projects set deleted_at = 7 where deleted_at is not null');
    await done('PUT', `/members/${ALICE}/grants/b`, { access: 'Read' });
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const ask = (path: string, query: string, by = boss) =>
    by.ask<Body>('GET', at(`${path}${path.includes('?') ? '&' : '?'}${query}`));
  async function done(method: string, path: string, body?: object): Promise<void> {
    const answer = await boss.ask(method, at(path), body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.code}`);
  }
  async function through(path: string, rows: string, limit: number, by = boss) {
    const pages: unknown[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const from = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body }: { body: Body } = await ask(path, `limit=${limit}${from}`, by);
      pages.push(body[rows] as unknown[]);
      cursor = body.next;
    }
    return pages;
  }

  it.each(LISTS)('%s comes in pages that hold every row once, in one order (V7)', async (path, rows) => {
    const { body } = await ask(path, 'limit=500');
    const whole = body[rows] as unknown[];
    expect(body.next).toBeNull();
    expect(whole.length).toBeGreaterThan(1);
    const pages = await through(path, rows, 1);
    expect(pages.flat()).toEqual(whole);
    expect(Math.max(...pages.map(({ length }) => length))).toBe(1);
    expect((await through(path, rows, whole.length)).length, 'no empty page at the end').toBe(1);
  });

  it.each(LISTS)('%s refuses what is no cursor of its own, and no limit', async (path) => {
    const other = path === '/members' ? '/projects' : '/members';
    const { next } = (await ask(other, 'limit=1')).body;
    const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const name = path.split(/[/?]/)[1];
    for (const cursor of [
      ...[
        'x',
        '%00',
        'bnVsbA',
        next,
        made([name]),
        made([name, 'a', 'b', 'c', 'd']),
        made({}),
        made([name, null]),
      ],
      ...[made([name, 'a\0', 'b\0']), made([name, 'a\0']), made([name, -1]), made([name, [], {}])],
    ]) {
      expect(await ask(path, `cursor=${cursor}`), String(cursor)).toMatchObject({
        status: 400,
        body: { code: 'BadCursor', next: expect.any(String) },
      });
    }
    for (const query of ['limit=0', 'limit=501', 'limit=x', 'cursor=', `cursor=${'a'.repeat(4097)}`]) {
      expect(await ask(path, query), query).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    }
  });

  it('gives nobody more by a cursor: who asks with it is asked for the access (V3)', async () => {
    const { next } = (await ask('/members', 'limit=1')).body;
    expect(await ask('/members', `cursor=${next}`, alice)).toMatchObject({ status: 403 });
    const secrets = (await ask('/secrets', 'limit=1')).body;
    const seen = (await ask('/secrets', `cursor=${secrets.next}`, alice)).body.secrets as {
      project: string;
    }[];
    expect(new Set(seen.map(({ project }) => project))).toEqual(new Set(['b']));
  });

  it('has pages full of what the person may see, and no cursor that names what they may not', async () => {
    const pages = (await through('/secrets', 'secrets', 2, alice)) as { project: string; name: string }[][];
    expect(pages.map((page) => page.map(({ project, name }) => `${project}/${name}`))).toEqual([
      ['b/a', 'b/b'],
      ['b/c'],
    ]);
    expect(await through('/projects', 'projects', 1, alice)).toMatchObject([[{ name: 'b', secrets: 3 }]]);
    const cursor = (await ask('/secrets', 'limit=2', alice)).body.next ?? '';
    expect(Buffer.from(cursor, 'base64url').toString()).toBe('["secrets","b","b"]');
  });

  it('goes on where it was though rows came and went before it', async () => {
    const first = (await ask('/projects', 'limit=2')).body;
    const [, last] = first.projects as { name: string }[];
    await done('POST', '/projects', { name: '0-new' });
    await done('DELETE', `/projects/${last?.name}?confirm=${last?.name}`);
    const rest = (await ask('/projects', `cursor=${first.next}`)).body.projects as { name: string }[];
    expect(rest.map(({ name }) => name)).toEqual(['b', 'c']);
  });
});
