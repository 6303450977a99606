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

let vault: DevVault;
const folder = folderWith({});
ownSession();
const run = (...words: string[]) => seneschal('vault', ...words);
const json = async (...words: string[]) => JSON.parse((await run(...words, '-o', 'json')).stdout);

beforeAll(async () => {
  vault = await startDevVault();
  const who = ['--as', vault.owner.email, '--password-file', vault.owner.passwordFile];
  await run('login', '--url', vault.url, '--vault', vault.vaultId, ...who);
});
afterAll(() => vault.stop());

test('a webhook is made with its secret in a file, tested, switched off and deleted', async () => {
  const secretFile = join(folder, 'secret');
  const made = await run('integration', 'create', 'chat', 'https://127.0.0.1:1/hook', '--out', secretFile);
  expect([made.code, made.stderr]).toEqual([0, '']);
  const secret = readFileSync(secretFile, 'utf8').trim();
  expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  expect(made.stdout).not.toContain(secret);
  const again = await run('integration', 'renew-secret', 'chat', '--out', secretFile);
  expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('not overwritten')]);
  const renewed = join(folder, 'renewed');
  expect(await json('integration', 'renew-secret', 'chat', '--out', renewed)).toEqual({
    name: 'chat',
    secretFile: renewed,
  });
  expect(readFileSync(renewed, 'utf8').trim()).not.toBe(secret);
  // Private addresses are not called unless the server allows them.
  const tested = await run('integration', 'test', 'chat');
  expect([tested.code, tested.stderr]).toEqual([1, expect.stringContaining('did not take the event')]);
  expect((await run('integration', 'set', 'chat', 'https://hooks.acme.example/x', '--off')).code).toBe(0);
  expect((await run('integration', 'list')).stdout).toMatch(
    /^chat +Off .*https:\/\/hooks\.acme\.example\/x$/m,
  );
  expect(
    (await run('integration', 'create', 'plain', 'http://acme.example', '--out', join(folder, 'x'))).code,
  ).toBe(1);
  expect((await run('integration', 'delete', 'chat')).code).toBe(64);
  expect((await run('integration', 'delete', 'chat', '--yes')).code).toBe(0);
});

test('a rule says which acts are told to whom', async () => {
  const set = ['--action', 'member.*', 'invite.*', '--role', 'Owner', '--actor', 'member'];
  expect((await run('alert', 'set', 'people', ...set)).code).toBe(0);
  const { rules } = await json('alert', 'list');
  expect(rules.find(({ name }: { name: string }) => name === 'people')).toEqual({
    ...{ name: 'people', enabled: true, actions: ['member.*', 'invite.*'], actors: ['member'] },
    ...{ roles: ['Owner'], emails: [], webhooks: [] },
  });
  expect(
    (await run('alert', 'set', 'people', '--action', 'member.*', '--role', 'Owner', '--off')).stdout,
  ).toContain('is off');
  expect((await run('alert', 'list')).stdout).toMatch(/^people +Off +member\.\* +anybody +Owner$/m);
  expect((await run('alert', 'set', 'people', '--action', 'No Action')).code).toBe(1);
  const slip = await run('alert', 'set', 'people', '--action', 'member.remved', '--role', 'Owner');
  expect([slip.code, slip.stderr]).toEqual([1, expect.stringContaining('did you mean member.removed?')]);
  expect((await run('alert', 'delete', 'people', '--yes')).code).toBe(0);
});

test('members are told whom they turn to, and the owner what became of mails', async () => {
  await run('support', 'set', '--contact', '#vault', '--runbook', 'https://wiki.acme.example/vault');
  expect((await run('support', 'show')).stdout).toBe(
    'Contact: #vault\nRunbook: https://wiki.acme.example/vault\n',
  );
  expect((await run('support', 'set', '--runbook', 'http://plain')).code).toBe(1);
  await run('invite', 'send', 'alice@acme.example');
  expect((await json('mail', 'list')).mails).toMatchObject([
    { recipient: 'alice@acme.example', kind: 'invite' },
  ]);
});
