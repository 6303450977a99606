import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

let vault: DevVault;
const folder = folderWith({});
const session = ownSession();
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

const login = (...more: string[]) => {
  const { email, passwordFile } = vault.owner;
  return seneschal(
    'vault',
    'login',
    '--url',
    vault.url,
    '--as',
    email,
    '--password-file',
    passwordFile,
    ...more,
  );
};
const owner = (...words: string[]) => seneschal('vault', ...words);
const json = async (...words: string[]) => JSON.parse((await owner(...words, '-o', 'json')).stdout);
const secretsOf = (text: string) => text.match(/ses_[\w-]{20,}|BEGIN PRIVATE|est_[\w-]{20,}/g);

describe('an owner at a terminal', () => {
  test('is told to sign in where there is no session', async () => {
    const { code, stderr } = await owner('member', 'list');
    expect([code, stderr]).toEqual([64, expect.stringContaining('seneschal login')]);
  });

  test('signs in once; the session is in a file of their own, and its token is not printed', async () => {
    const { code, stdout, stderr } = await login('--vault', vault.vaultId);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^owner is signed in until \d{4}-/);
    expect(statSync(session).mode & 0o777).toBe(0o600);
    expect(secretsOf(stdout)).toBeNull();
  });

  test('invites, lists, and removes people; what is gone for good takes --yes', async () => {
    const [alice] = vault.people;
    if (alice === undefined) throw new Error('nobody to invite');
    expect((await owner('invite', 'send', alice.email)).code).toBe(0);
    const { members } = await json('member', 'list');
    expect(members).toContainEqual(expect.objectContaining({ email: alice.email, state: 'Invited' }));
    expect((await owner('member', 'list')).stdout).toMatch(
      /^E-MAIL +NAME +ROLE +STATE +TEMPLATE +GRANTS +GROUPS +ENDS +2ND FACTOR +LAST SEEN\n/,
    );
    const asked = await owner('member', 'remove', alice.email);
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining('Nothing was done')]);
    expect((await owner('member', 'remove', alice.email, '--yes')).code).toBe(0);
    expect((await json('member', 'list')).members).toHaveLength(1);
  });

  test('makes a machine into files of their own, sees what its revocation takes, and revokes it', async () => {
    const out = join(folder, 'builder');
    const { code, stdout } = await owner('machine', 'create', 'builder', '--out', out, '--life', '12h');
    expect(code).toBe(0);
    expect(secretsOf(stdout)).toBeNull();
    expect(statSync(join(out, 'private.pem')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(out, 'private.pem'), 'utf8')).toContain('BEGIN PRIVATE KEY');
    expect((await json('machine', 'list')).machines).toMatchObject([{ name: 'builder', kind: 'temporary' }]);
    expect((await owner('machine', 'disable', 'builder')).code).toBe(0);
    const asked = await owner('machine', 'revoke', 'builder');
    expect(asked.stderr).toContain('builder would lose no secret; its keys were never used');
    expect((await owner('machine', 'revoke', 'builder', '--yes')).code).toBe(0);
    expect((await owner('machine', 'list')).stdout).toBe('No machine.\n');
  });

  test('decides on the keys that a machine has, or on those that are named', async () => {
    expect((await owner('machine', 'create', 'reader', '--out', join(folder, 'reader'))).code).toBe(0);
    const { keys } = (await json('machine', 'list')).machines[0] as { keys: { fingerprint: string }[] };
    const [fingerprint = ''] = keys.map((key) => key.fingerprint);
    const given = await owner('machine', 'set-access', 'reader', '--access', 'Main/');
    expect([given.code, given.stdout]).toEqual([0, expect.stringContaining(`its key is ${fingerprint}.`)]);
    const named = (key: string) =>
      owner('machine', 'set-access', 'reader', '--access', 'Main/', '--key', key);
    expect((await named(fingerprint)).code).toBe(0);
    const other = await named('ab'.repeat(32));
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('other keys')]);
    expect((await owner('machine', 'revoke', 'reader', '--yes')).code).toBe(0);
  });

  test('overwrites no key that is there, and says so before anything is made', async () => {
    const credentials = folderWith({ 'private.pem': 'mine' });
    const { code } = await owner(
      'automation',
      'create',
      'ci',
      '--credentials',
      credentials,
      '--abilities',
      'values:sync',
    );
    expect(code).toBe(64);
    expect(readFileSync(join(credentials, 'private.pem'), 'utf8')).toBe('mine');
    const { entries } = await json('audit', 'list', '--limit', '1000');
    expect(entries.filter((entry: { action: string }) => entry.action === 'automation.created')).toHaveLength(
      1,
    );
  });

  test('delegates, and sees in the audit log who did what', async () => {
    const credentials = join(folder, 'ci');
    const made = await owner(
      'automation',
      'create',
      'ci',
      '--credentials',
      credentials,
      '--abilities',
      'values:sync',
    );
    expect([made.code, secretsOf(made.stdout)]).toEqual([0, null]);
    expect(existsSync(join(credentials, 'automation-id'))).toBe(true);
    const { stdout } = await owner('audit', 'list', '--limit', '1000');
    expect(stdout).toMatch(/member owner +automation\.created +Automation ci +aud_\w+$/m);
  });

  test('reads the words of a refusal: what is wrong, and what next', async () => {
    const { code, stderr } = await owner('member', 'suspend', 'nobody@acme.example');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*nobody@acme\.example.*\n {2}next: /);
  });

  test('names what an option should have been', async () => {
    const life = await owner('machine', 'create', 'x', '--out', join(folder, 'x'), '--life', 'soon');
    expect([life.code, life.stderr]).toEqual([64, expect.stringContaining('90m, 12h, 30d')]);
    const access = await owner('machine', 'set-access', 'x', '--access', 'payments');
    expect([access.code, access.stderr]).toEqual([64, expect.stringContaining('PROJECT/SECRET')]);
  });

  test('signs out: the token is gone from the file, and worth nothing', async () => {
    expect((await owner('logout')).code).toBe(0);
    expect(readFileSync(session, 'utf8')).not.toContain('ses_');
    expect((await owner('member', 'list')).code).toBe(64);
  });
});
