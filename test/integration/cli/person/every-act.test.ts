import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

/** What had a route and no command; the tests go on from each other. */
let vault: DevVault;
const folder = folderWith({ password: 'a wholly new sentence', other: 'another sentence again' });
ownSession();
const file = (name: string): string => join(folder, name);
const run = (...words: string[]) => seneschal('vault', ...words);
const json = async (...words: string[]) => JSON.parse((await run(...words, '-o', 'json')).stdout);
beforeAll(async () => {
  vault = await startDevVault();
  await seneschal('login', ...vault.asOwner);
});
afterAll(() => vault.stop());

/** The last token of this kind that was mailed, in a file. */
async function mailedToken(kind: 'ver' | 'rst', name: string): Promise<string> {
  await run('mail', 'mine', '--out', file(name));
  const [token = ''] = new RegExp(`${kind}_[\\w-]{43}`).exec(readFileSync(file(name), 'utf8')) ?? [];
  return join(folderWith({ token }), 'token');
}

test('somebody signs up at a terminal, and signs in', async () => {
  expect((await run('account', 'sign-up', 'carol@acme.example')).code).toBe(0);
  const token = await mailedToken('ver', 'mails-1');
  expect(statSync(file('mails-1')).mode & 0o777).toBe(0o600);
  const made = ['--token-file', token, '--name', 'carol', '--new-password-file', file('password')];
  const { code, stdout } = await run('account', 'verify', ...made);
  expect([code, stdout]).toEqual([0, expect.stringContaining('carol@acme.example has an account')]);
  const who = ['--as', 'carol@acme.example', '--password-file', file('password')];
  expect((await seneschal('whoami', ...who)).stdout).toMatch(/^carol /);
});

test('who forgot the password sets another by a mail', async () => {
  expect((await run('account', 'forgot-password', 'carol@acme.example')).code).toBe(0);
  const token = await mailedToken('rst', 'mails-2');
  const reset = ['--token-file', token, '--new-password-file', file('other')];
  expect((await run('account', 'reset-password', ...reset)).code).toBe(0);
  const as = (name: string) => ['--as', 'carol@acme.example', '--password-file', file(name)];
  expect((await seneschal('whoami', ...as('password'))).code).toBe(1);
  expect((await seneschal('whoami', ...as('other'))).code).toBe(0);
});

test('a machine is let register itself by a command in a file, which is printed nowhere', async () => {
  const { stdout } = await run('machine', 'bootstrap', '--name', 'web-1', '--out', file('bootstrap'));
  expect(stdout).toContain('seneschal vault machine approve web-1');
  expect(readFileSync(file('bootstrap'), 'utf8')).toMatch(
    /^\(curl -sSL http:\/\/localhost:\d+\/v1\/bootstrap\/\S+ \|\| echo 'exit 1'\) \| sh\n$/,
  );
  expect(stdout).not.toContain('/v1/bootstrap/');
  expect((await run('machine', 'bootstrap', '--for', 'powershell', '--out', file('ps'))).code).toBe(0);
  expect(readFileSync(file('ps'), 'utf8')).toMatch(/^Invoke-RestMethod \S+\/ps \| Invoke-Expression\n$/);
  expect((await run('machine', 'bootstrap', '--for', 'basic', '--out', file('basic'))).code).toBe(64);
});

test('a temporary machine has guardrails', async () => {
  const rails = ['--address', '10.0.0.0/8', '--hours', 'Mon,Tue/08:00-18:00/Europe/Berlin'];
  const made = await run('machine', 'create', 'night', '--life', '12h', ...rails, '--out', file('night'));
  expect(made.code).toBe(0);
  const { entries } = await json('audit', 'list');
  expect(JSON.stringify(entries)).toContain('10.0.0.0/8');
});

test('a cell is taken out of a template, and it is said first from whom', async () => {
  await run('template', 'create', 'devs', '--cell', 'Secrets: View', 'Projects: View');
  expect((await run('template', 'drop-cell', 'devs', 'Secrets: View')).code).toBe(64);
  expect((await run('template', 'drop-cell', 'devs', 'Secrets: View', '--yes')).code).toBe(0);
  const { templates } = await json('template', 'list');
  expect(templates[0].capabilities).toMatchObject({ Projects: ['View'], Secrets: [] });
});

test('policies of one secret and the offer of ownership are shown', async () => {
  await run('project', 'create', 'web');
  await run('secret', 'generate', 'key', '--project', 'web');
  await run('policy', 'set', 'key', '--project', 'web', '--per-day', '5');
  expect((await run('policy', 'show', 'key', '--project', 'web')).stdout).toBe(
    'web/key: 0 of 5 reads a day\n',
  );
  expect((await run('organization', 'ownership-offer')).stdout).toBe('Nobody is offered the ownership.\n');
});
