import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

const NEXT = 'a wholly different sentence';
const OTHER = 'alice.other@acme.example';

let vault: DevVault;
const folder = folderWith({ next: `${NEXT}\n`, short: 'short' });
ownSession();
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

const run = (...words: string[]) => seneschal('vault', ...words);
const login = (email: string, passwordFile: string) =>
  run('login', '--url', vault.url, '--as', email, '--password-file', passwordFile);
/** The token of the newest mail to the address, as the development outbox shows it. */
async function mailedToken(token: string): Promise<string> {
  const answer = await fetch(`${vault.url}/api/v1/mails?limit=10`, { headers: { authorization: token } });
  const { mails } = (await answer.json()) as { mails: { recipient: string; text: string }[] };
  const text = mails.find(({ recipient }) => recipient === OTHER)?.text ?? '';
  return /adr_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? '';
}
async function session(email: string, passwordFile: string): Promise<string> {
  const password = readFileSync(passwordFile, 'utf8').trim();
  const answer = await fetch(`${vault.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return `Bearer ${((await answer.json()) as { token: string }).token}`;
}

describe('a person’s own account, at a terminal', () => {
  const alice = () => vault.people[0] ?? vault.owner;

  test('gets another password out of a file, never out of an argument', async () => {
    const { email, passwordFile } = alice();
    const set = (...more: string[]) =>
      run(
        'account',
        'set-password',
        '--url',
        vault.url,
        '--as',
        email,
        '--password-file',
        passwordFile,
        ...more,
      );
    const without = await set();
    expect([without.code, without.stderr]).toEqual([64, expect.stringContaining('--new-password-file')]);
    const refused = await set('--new-password-file', join(folder, 'short'));
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('PasswordTooShort')]);
    const changed = await set('--new-password-file', join(folder, 'next'), '-o', 'json');
    expect([changed.code, JSON.parse(changed.stdout)]).toEqual([0, { done: true }]);
    expect((await login(email, passwordFile)).code).toBe(1);
    expect((await login(email, join(folder, 'next'))).code).toBe(0);
    for (const { stdout, stderr } of [refused, changed]) expect(stdout + stderr).not.toContain(NEXT);
  });

  test('gets another address by the token that is mailed there', async () => {
    const asked = await run('account', 'set-email', OTHER, '-o', 'json');
    expect([asked.code, JSON.parse(asked.stdout)]).toEqual([0, { asked: OTHER }]);
    const token = await mailedToken(await session(vault.owner.email, vault.owner.passwordFile));
    writeFileSync(join(folder, 'token'), `${token}\n`);
    const wrong = await run('account', 'confirm-email', '--token-file', join(folder, 'short'));
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('token')]);
    const confirmed = await run('account', 'confirm-email', '--token-file', join(folder, 'token'));
    expect(confirmed.stdout).toBe(`You sign in as ${OTHER} from now on.\n`);
    expect(confirmed.stdout + asked.stdout).not.toContain(token);
    expect((await login(OTHER, join(folder, 'next'))).code).toBe(0);
  });

  test('shows its passkeys, and says that a browser adds them', async () => {
    const listed = await run('passkey', 'list');
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining('A browser adds one')]);
    expect((await run('passkey', '--help')).stdout).toContain('a browser adds them');
    const gone = await run('passkey', 'remove', 'psk_0123456789abcdef', '--yes');
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('NotFound')]);
  });

  test('is deleted with --yes alone, and the session with it', async () => {
    const kept = await run('account', 'delete');
    expect([kept.code, kept.stderr]).toEqual([64, expect.stringContaining('Nothing was done')]);
    expect((await run('account', 'delete', '--yes')).stdout).toBe('Your account is gone.\n');
    expect((await run('session', 'list')).stderr).toContain('NotSignedIn');
  });
});
