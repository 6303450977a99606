import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

/** How commands answer programs; the tests go on from each other. */
let vault: DevVault;
const folder = folderWith({ value: 'v' });
ownSession();
const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
const passwordOf = (email: string): string =>
  vault.people.find((one) => one.email === email)?.passwordFile ?? '';
const as = (email: string) => ['--as', email, '--password-file', passwordOf(email), '--url', vault.url];
/** Fails on a time in milliseconds: every time is RFC 3339, as in text. */
const json = async (...words: string[]) => {
  const { code, stdout, stderr } = await seneschal(...words, '-o', 'json');
  expect([words.join(' '), code, stderr]).toEqual([words.join(' '), 0, '']);
  expect(stdout).not.toMatch(/: \d{13}\b/);
  return JSON.parse(stdout);
};
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

beforeAll(async () => {
  vault = await startDevVault();
  await seneschal('login', ...vault.asOwner);
  await seneschal('vault', 'invite', 'send', ALICE, '--grant', 'Main=Read');
  await seneschal('vault', 'invite', 'send', BOB);
  await seneschal('vault', 'invite', 'accept', ...as(ALICE));
});
afterAll(() => vault.stop());

test('members are listed with their access, second factor and when they were here', async () => {
  const { members } = await json('vault', 'member', 'list');
  expect(members[0]).toMatchObject({
    email: ALICE,
    template: null,
    grants: [{ project: 'Main', access: 'Read' }],
    groups: [],
    signIn: { secondFactor: false },
  });
  const { stdout } = await seneschal('vault', 'member', 'list');
  expect(stdout).toMatch(
    /^E-MAIL +NAME +ROLE +STATE +TEMPLATE +GRANTS +GROUPS +ENDS +2ND FACTOR +LAST SEEN$/m,
  );
  expect(stdout).toMatch(/^owner@acme\.example +owner +Owner +Active +- +- +Everyone +- +no +\d{4}-.*Z$/m);
});

test('invites are listed with those that were declined', async () => {
  await seneschal('vault', 'invite', 'decline', ...as(BOB));
  await seneschal('vault', 'invite', 'send', 'carol@acme.example');
  expect(await json('vault', 'invite', 'list')).toMatchObject({
    invites: [{ email: 'carol@acme.example', state: 'Open', expiresAt: TIME }],
    declined: [{ email: BOB, declinedAt: TIME }],
  });
  const { stdout } = await seneschal('vault', 'invite', 'list');
  expect(stdout).toMatch(/^bob@acme\.example +Declined +- +- +- +\d{4}-.*Z +-$/m);
});

test('acts answer programs too', async () => {
  const frozen = await json('freeze', '--reason', 'incident');
  expect(frozen).toEqual({ frozen: true, vaultId: vault.vaultId, reason: 'incident', all: false });
  expect(await json('thaw')).toEqual({ frozen: false, vaultId: vault.vaultId });
  const digest = '0f5c'.repeat(16);
  expect(await json('approve', digest, '--reason', 'agreed')).toMatchObject({ digest, expiresAt: TIME });
  expect((await json('version')).version).toMatch(/^\d/);
  const out = join(folder, 'audit.ndjson');
  // A signed head stays as it was signed.
  const exported = await seneschal('audit', 'export', '--out', out, '-o', 'json');
  expect(JSON.parse(exported.stdout)).toMatchObject({ file: out, intact: true });
});

test('times of lists and of what they hold inside are times as text has them', async () => {
  const { entries } = await json('vault', 'audit', 'list');
  expect(entries[0]).toMatchObject({ action: expect.any(String), at: TIME });
  for (const words of ['session list', 'machine list', 'automation list', 'mail list', 'cut list'])
    await json('vault', ...words.split(' '));
  expect(await json('whoami')).toMatchObject({ signedInUntil: TIME });
});

test('contexts are used, left and forgotten with an answer', async () => {
  const { context } = await json('whoami');
  expect(await json('context', 'use', context)).toEqual({ done: true, context });
  expect(await json('logout')).toEqual({ done: true, context, userName: 'owner' });
  expect(await json('context', 'delete', context)).toEqual({ done: true, context });
});
