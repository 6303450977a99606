import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

const ALICE = 'alice@acme.example';

let vault: DevVault;
const folder = folderWith({});
ownSession();
const run = (...words: string[]) => seneschal('vault', ...words);
const json = async (...words: string[]) => JSON.parse((await run(...words, '-o', 'json')).stdout);
const login = (email: string, ...more: string[]) => {
  const file = [vault.owner, ...vault.people].find((one) => one.email === email)?.passwordFile ?? '';
  return run('login', '--url', vault.url, '--as', email, '--password-file', file, ...more);
};

beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

test('an owner invites with what the person will have, sees who has not answered, sends again, takes back (I1, I2)', async () => {
  await login(vault.owner.email, '--vault', vault.vaultId);
  await run('project', 'create', 'web');
  await run('template', 'create', 'devs', '--cell', 'Secrets: View');
  const preset = ['--template', 'devs', '--project', 'web', '--grant', 'web=Write'];
  expect(await json('invite', 'send', ALICE, 'bob@acme.example', ...preset)).toEqual({
    emails: [ALICE, 'bob@acme.example'],
  });
  expect((await run('invite', 'send', 'x@acme.example', '--grant', 'web=Own')).code).toBe(64);
  const wrong = await run('invite', 'send', 'no-address');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('must be an e-mail address')]);
  expect((await json('invite', 'list')).invites).toMatchObject([
    { email: ALICE, template: 'devs', attempts: 1, invitedBy: 'owner' },
    { email: 'bob@acme.example' },
  ]);
  expect((await run('invite', 'resend', ALICE)).code).toBe(0);
  expect((await run('invite', 'list')).stdout).toMatch(/^alice@acme\.example +Open +Member +devs +2x /m);
  expect((await run('invite', 'cancel', 'bob@acme.example')).code).toBe(64);
  expect((await run('invite', 'cancel', 'bob@acme.example', '--yes')).code).toBe(0);
  const none = await run('invite', 'resend', 'bob@acme.example');
  expect(none.stderr).toContain('next: Check the name');
});

test('who is invited joins, and goes on in the vault that they choose', async () => {
  expect((await login(ALICE)).stdout).toContain('No vault is chosen yet');
  const unnamed = await run('project', 'list');
  expect([unnamed.code, unnamed.stderr]).toEqual([
    64,
    expect.stringContaining('`organization use` with its id'),
  ]);
  expect((await run('organization', 'list')).stdout).toBe('None.\n1 invites wait: vault invite mine.\n');
  const [{ id }] = (await json('invite', 'mine')).invites;
  const joined = await run('invite', 'accept', id);
  expect(joined.stdout).toContain(`organization use ${vault.vaultId}`);
  expect((await run('organization', 'use', vault.vaultId)).code).toBe(0);
  expect((await json('project', 'list')).projects).toMatchObject([{ name: 'web' }]);
});

test('a person makes vaults of their own, and goes from one to another (O1)', async () => {
  const made = await json('organization', 'create', 'Mine', '--tier', 'Free');
  expect(made).toMatchObject({ plan: 'Free', planUntil: null });
  await run('organization', 'create-personal');
  const { vaults } = await json('organization', 'list');
  expect(vaults.map(({ displayName, role }: Record<string, string>) => [displayName, role])).toEqual([
    ['Acme', 'Member'],
    ['Mine', 'Owner'],
    ['Personal', 'Owner'],
  ]);
  expect((await run('organization', 'tiers')).stdout).toMatch(/^Free +5 +yourself$/m);
  const unknown = await run('organization', 'create', 'Other', '--tier', 'Nope');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('Choose one of Free')]);
  await run('organization', 'use', made.vaultId);
  expect((await json('organization', 'show')).displayName).toBe('Mine');
  const foreign = await run('organization', 'use', 'vault_0123456789abcdef');
  expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('NotAMember')]);
  expect((await json('organization', 'show')).displayName).toBe('Mine');
});

test('an owner narrows the scope of a member, and sees whom a group lists (T1, G2)', async () => {
  await login(vault.owner.email, '--vault', vault.vaultId);
  const scope = async () => (await json('access', 'show', '--member', ALICE)).members[0].projectScope;
  expect(await scope()).toEqual(['web']);
  expect((await run('member', 'set-scope', ALICE)).code).toBe(0);
  expect(await scope()).toBeNull();
  expect((await run('member', 'set-scope', ALICE, 'web')).code).toBe(0);
  expect(await scope()).toEqual(['web']);
  await run('group', 'add', 'Everyone', ALICE);
  expect((await json('group', 'members', 'Everyone')).members).toEqual([
    { email: ALICE, state: 'Active' },
    { email: vault.owner.email, state: 'Active' },
  ]);
});

test('a machine is not made where its identity cannot be written', async () => {
  const out = join(folder, 'identity');
  expect((await run('machine', 'create', 'one', '--out', out)).code).toBe(0);
  const again = await run('machine', 'create', 'two', '--out', out);
  expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('Name another --out.')]);
  expect((await json('machine', 'list')).machines).toMatchObject([{ name: 'one' }]);
  const role = await run('member', 'set-role', ALICE, 'King');
  expect([role.code, role.stderr]).toEqual([64, expect.stringContaining('Admin, Member')]);
});
