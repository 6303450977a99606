import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { URI } from 'otpauth';
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
ownSession();
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

const owner = (...words: string[]) => seneschal('vault', ...words);
const login = (...more: string[]) => {
  const { email, passwordFile } = vault.owner;
  const who = ['--url', vault.url, '--vault', vault.vaultId, '--as', email];
  return owner('login', ...who, '--password-file', passwordFile, ...more);
};

describe('a second factor, at a terminal', () => {
  const codesFile = join(folder, 'codes');
  const codes = (): string[] => readFileSync(codesFile, 'utf8').trim().split('\n');

  test('is written to files of the user alone, and never printed', async () => {
    expect((await login()).code).toBe(0);
    const uriFile = join(folder, 'uri');
    const enrolled = await owner('second-factor', 'enrol', '--out', uriFile);
    expect([enrolled.code, enrolled.stderr]).toEqual([0, '']);
    expect(statSync(uriFile).mode & 0o777).toBe(0o600);
    const app = URI.parse(readFileSync(uriFile, 'utf8').trim());
    const confirmed = await owner('second-factor', 'confirm', '--code', app.generate(), '--out', codesFile);
    expect([confirmed.code, confirmed.stderr]).toEqual([0, '']);
    expect(codes()).toHaveLength(10);
    for (const shown of [enrolled.stdout, confirmed.stdout]) {
      for (const secret of [app.secret.base32, ...codes()]) expect(shown).not.toContain(secret);
    }
    const again = await owner('second-factor', 'recovery-codes', '--out', codesFile);
    expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('not overwritten')]);
  });

  test('is asked for at signing in, by the option that takes it', async () => {
    const refused = await login();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--sign-in-code')]);
    expect((await login('--sign-in-code', codes()[0] ?? '')).code).toBe(0);
    expect((await owner('second-factor', 'show')).stdout).toBe('Confirmed; 9 recovery codes left.\n');
  });

  test('proves the person anew in the session that is kept', async () => {
    const proven = await owner(
      ...['account', 'prove', '--password-file', vault.owner.passwordFile],
      ...['--sign-in-code', codes()[1] ?? ''],
    );
    expect([proven.code, proven.stdout]).toEqual([0, 'Proven, for five minutes.\n']);
    expect((await owner('account', 'events')).stdout).toMatch(/ recovery-code\.used +127\.0\.0\.1 +-$/m);
  });

  test('stands beside the list of sessions, of which all others are ended at once', async () => {
    const listed = JSON.parse((await owner('session', 'list', '-o', 'json')).stdout);
    expect(listed.sessions).toHaveLength(2);
    expect((await owner('session', 'end-others')).stdout).toBe('1 ended.\n');
  });

  test('is removed with --yes alone', async () => {
    const kept = await owner('second-factor', 'remove');
    expect([kept.code, kept.stderr]).toEqual([64, expect.stringContaining('Nothing was done')]);
    expect((await owner('second-factor', 'remove', '--yes')).code).toBe(0);
    expect((await login()).code).toBe(0);
  });
});
