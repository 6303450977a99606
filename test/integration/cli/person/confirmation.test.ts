import { readFileSync, statSync } from 'node:fs';
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
const folder = folderWith({ wrong: 'AAAA-AAAA-AAAA-AAAA' });
const codeFile = join(folder, 'code');
ownSession();
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

const owner = (...words: string[]) => seneschal('vault', ...words, ...vault.asOwner);
const [ALICE, BOB] = [0, 1];
const person = (index: number, ...words: string[]) => {
  const { email = '', passwordFile = '' } = vault.people[index] ?? {};
  const as = ['--as', email, '--password-file', passwordFile];
  return seneschal('vault', ...words, '--url', vault.url, '--vault', vault.vaultId, ...as);
};
const emailOf = (index: number) => vault.people[index]?.email ?? '';
const accept = async (index: number) => {
  const { email = '', passwordFile = '' } = vault.people[index] ?? {};
  const password = readFileSync(passwordFile, 'utf8').trim();
  const call = async (method: string, path: string, token?: string, body?: object) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return (await fetch(`${vault.url}/api/v1${path}`, { method, headers, ...sent })).json();
  };
  const opened = await call('POST', '/sessions', undefined, { email, password });
  const { token } = opened as { token: string };
  const mine = await call('GET', '/me/invites', token);
  const { invites } = mine as { invites: { id: string }[] };
  await call('POST', `/me/invites/${invites[0]?.id}/accept`, token, {});
};
const stateOf = async (index: number) => {
  const { members } = JSON.parse((await owner('member', 'list', '-o', 'json')).stdout);
  return members.find(({ email }: { email: string }) => email === emailOf(index));
};

describe('confirmation from a terminal (I4)', () => {
  test('lets an invitee in by a code that is in files alone', async () => {
    expect((await owner('organization', 'confirmation', 'on')).code).toBe(0);
    await owner('invite', 'send', emailOf(ALICE));
    const made = await owner('member', 'confirm-code', emailOf(ALICE), '--code-file', codeFile);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(statSync(codeFile).mode & 0o777).toBe(0o600);
    const code = readFileSync(codeFile, 'utf8').trim();
    expect(made.stdout).not.toContain(code);
    await accept(ALICE);
    const early = await owner('member', 'confirm', emailOf(ALICE));
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('NotProven')]);
    const wrong = await person(ALICE, 'member', 'prove-code', '--code-file', join(folder, 'wrong'));
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('WrongCode')]);
    const proven = await person(ALICE, 'member', 'prove-code', '--code-file', codeFile);
    expect([proven.code, proven.stderr]).toEqual([0, '']);
    expect((await owner('member', 'list')).stdout).toContain('Suspended (awaits Confirmation, code proven)');
    expect((await owner('member', 'confirm', emailOf(ALICE))).code).toBe(0);
    expect(await stateOf(ALICE)).toMatchObject({ state: 'Active', awaits: null });
  });

  test('overwrites no file, and tells who has no code what to do', async () => {
    const again = await owner('member', 'confirm-code', emailOf(ALICE), '--code-file', codeFile);
    expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('EEXIST')]);
    const nobody = await person(BOB, 'member', 'prove-code', '--code-file', codeFile);
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('Accept the invite first')]);
    const none = await owner('member', 'confirm', emailOf(BOB));
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('confirm-code')]);
  });

  test('rotates the keys and accepts again (O5), renames, and offers the ownership (O3)', async () => {
    expect((await owner('organization', 'confirmation', 'off')).code).toBe(0);
    const asked = await owner('organization', 'rotate-keys');
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining('no access until they')]);
    expect((await owner('organization', 'rotate-keys', '--yes')).stdout).toContain('1 members accept again');
    expect(await stateOf(ALICE)).toMatchObject({ state: 'Suspended', awaits: 'Reacceptance' });
    expect((await person(ALICE, 'member', 'accept-again')).code).toBe(0);
    expect(await stateOf(ALICE)).toMatchObject({ state: 'Active' });
    expect((await owner('organization', 'rename', 'Renamed')).code).toBe(0);
    expect((await owner('organization', 'offer-ownership', emailOf(ALICE))).code).toBe(0);
    const taken = await person(ALICE, 'organization', 'accept-ownership', '--yes');
    expect(taken.stdout).toContain('You are the owner; owner@acme.example is an admin.');
    const shown = await owner('organization', 'show');
    expect(shown.stdout).toContain(`Renamed: Organization, owned by ${emailOf(ALICE)}`);
    const refused = await owner('organization', 'delete', 'DELETE', '--yes');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Only the owner')]);
    expect((await person(ALICE, 'organization', 'delete', 'DELETE', '--yes')).stdout).toContain('is deleted');
  });
});
