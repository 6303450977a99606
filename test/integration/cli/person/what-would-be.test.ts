import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

/** What takes something looks first, and says what would be; the tests go on from each other. */
let vault: DevVault;
const folder = folderWith({ value: 'v' });
ownSession();
const run = (...words: string[]) => seneschal('vault', ...words);
beforeAll(async () => {
  vault = await startDevVault();
  await seneschal('login', ...vault.asOwner);
  await run('project', 'create', 'web');
  await run('secret', 'generate', 'api-key', '--project', 'web');
  await run('secret', 'generate', 'other', '--project', 'web');
  await run(
    'machine',
    'create',
    'builder',
    '--out',
    join(folder, 'b'),
    '--access',
    'web/api-key',
    'web/other',
  );
  await run('invite', 'send', 'alice@acme.example', '--grant', 'web=Read');
  await run('group', 'create', 'on-call');
  await run('group', 'add', 'on-call', 'alice@acme.example');
  await run('group', 'grant', 'on-call', 'web', 'Write');
  await run('template', 'create', 'developers', '--cell', 'Secrets: View', 'Secrets: Manage');
  await run('template', 'create', 'unheld', '--cell', 'Secrets: View');
  await run('member', 'set-template', 'alice@acme.example', 'developers');
});
afterAll(() => vault.stop());

test.each([
  [
    'a project, with its secrets and machines',
    ['project', 'delete', 'web'],
    'The project web would go to the trash for 30 days with 2 secrets, and everybody who has it would lose it. 1 machine would lose it: builder. Where Git declares it, it stays deleted before `reinstate` names the entry (rail 7)',
  ],
  [
    'a secret, with its machines',
    ['secret', 'delete', 'api-key', '--project', 'web'],
    'web/api-key would go to the trash for 30 days. 1 machine would lose it: builder.',
  ],
  [
    'a member, with what they have',
    ['member', 'remove', 'alice@acme.example'],
    'alice@acme.example would lose the membership with the template developers, 1 grant, 1 group. Where Git declares it, Git does not make it anew before `reinstate`',
  ],
  [
    'the access of a machine, as far as it is taken',
    ['machine', 'set-access', 'builder', '--access', 'web/api-key'],
    'builder would lose web/other.',
  ],
  [
    'a machine that reads something',
    ['machine', 'disable', 'builder'],
    'builder would be refused from its next request on, and read none of 2 secrets.',
  ],
  [
    'addresses',
    ['ip-allowlist', 'set', '10.0.0.0/8'],
    'Machines anywhere but at 10.0.0.0/8 would be refused from now on.',
  ],
  [
    'a group, with what it gives to whom',
    ['group', 'delete', 'on-call'],
    'on-call would be gone. It gives web:Write; 1 person would lose what it alone gives. Where Git declares it, Git does not',
  ],
  [
    'cells of a template',
    ['template', 'edit', 'developers', '--cell', 'Secrets: View', '--project', 'web'],
    '1 person with developers would lose Secrets: Manage, every project but web. Where Git',
  ],
  ['a template', ['template', 'delete', 'unheld'], 'unheld would be gone; nobody holds it.'],
  [
    'a role',
    ['member', 'set-role', 'alice@acme.example', 'Member'],
    'alice@acme.example would be no admin any more.',
  ],
])('what would be taken is said before it is: %s', async (_, words, what) => {
  const { code, stderr } = await run(...words);
  expect([code, stderr]).toEqual([64, expect.stringContaining(what)]);
  expect(stderr).toContain('Nothing was done.\n  next: Give --yes to do it.');
});

test('what is not there is said to be none', async () => {
  const { code, stderr } = await run('project', 'delete', 'wen', '--yes');
  expect([code, stderr]).toEqual([1, expect.stringContaining('There is no project wen. (404 NotFound)')]);
  expect((await run('project', 'delete', 'wen')).stderr).toContain('There is no project wen');
  expect((await run('group', 'delete', 'nobody')).stderr).toContain('There is no group nobody.');
  expect((await run('template', 'delete', 'none')).stderr).toContain('There is no template none.');
});

test('a template that somebody holds is said to be held, with what to do', async () => {
  expect((await run('template', 'delete', 'developers')).stderr).toContain(
    'developers is held by 1 person; a template is deleted once nobody holds it.\n  next: Give them another one or none: seneschal vault member set-template',
  );
});

test.each([
  ['an access that only grows', ['machine', 'set-access', 'builder', '--access', 'web/api-key', 'web/other']],
  [
    'a template that only grows',
    ['template', 'edit', 'developers', '--cell', 'Secrets: View', 'Secrets: Manage', 'Projects: View'],
  ],
  ['an allowlist that is off', ['ip-allowlist', 'set', '10.0.0.0/8', '--off']],
  ['an admin who is appointed', ['member', 'set-role', 'alice@acme.example', 'Admin']],
])('nobody is asked where nothing is taken: %s', async (_, words) => {
  const { code, stderr } = await run(...words);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Nothing was done.')]);
});

test('no person reads a value: `secret get` says which machines do', async () => {
  const { code, stderr } = await run('secret', 'get', 'api-key', '--project', 'web');
  expect([code, stderr]).toEqual([
    64,
    expect.stringContaining('Machines read values, people never do (V8). web/api-key is read by builder.'),
  ]);
});

test('secrets are listed of one project', async () => {
  await run('secret', 'generate', 'else', '--project', 'Main');
  const listed = (await run('secret', 'list', '--project', 'web', '-o', 'json')).stdout;
  expect(JSON.parse(listed).secrets).toMatchObject([{ name: 'api-key' }, { name: 'other' }]);
});

test('addresses are taken with commas or spaces', async () => {
  await run('invite', 'send', 'carol@acme.example, dan@acme.example', 'eve@acme.example');
  const { invites } = JSON.parse((await run('invite', 'list', '-o', 'json')).stdout);
  expect(invites.map(({ email }: { email: string }) => email)).toEqual(
    expect.arrayContaining(['carol@acme.example', 'dan@acme.example', 'eve@acme.example']),
  );
});
