import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  copyOfExample,
  type DevVault,
  folderWith,
  ownSession,
  seneschal,
  seneschalIn,
  startDevVault,
} from '#test/builders/command-line.ts';

/** The tests go on from each other, as somebody's day at a terminal does. */
let vault: DevVault;
const file = ownSession();
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

const passwordOf = (email: string): string =>
  [vault.owner, ...vault.people].find((one) => one.email === email)?.passwordFile ?? '';
const login = (email: string, ...more: string[]) =>
  seneschal('login', '--as', email, '--password-file', passwordOf(email), ...more);
const json = async (...words: string[]) => JSON.parse((await seneschal(...words, '-o', 'json')).stdout);
const ALICE = 'alice@acme.example';

test('who signs in without a word about the vault is in the only one that is theirs', async () => {
  const { code, stdout } = await login(vault.owner.email, '--url', vault.url);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`The vault is ${vault.vaultId}.`)]);
  expect((await json('vault', 'organization', 'show')).displayName).toBe('Acme');
});

test('whoami says who acts, where, in which role and until when; nothing says the token', async () => {
  const told = await json('whoami');
  expect(told).toMatchObject({
    userName: 'owner',
    email: vault.owner.email,
    url: vault.url,
    vaultId: vault.vaultId,
    role: 'Owner',
    context: expect.stringMatching(/^owner@localhost:\d+$/),
    signedInUntil: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
  });
  const { token } = JSON.parse(readFileSync(file, 'utf8')).contexts[told.context].session;
  const said = [await seneschal('whoami'), await seneschal('context', 'list'), JSON.stringify(told)];
  expect(JSON.stringify(said)).not.toContain(token);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('each who and where is a context of its own; the last is the current one, and any is named for one command', async () => {
  const { context: owner } = await json('whoami');
  await login(ALICE, '--url', vault.url, '--context', 'mine');
  expect((await json('whoami')).email).toBe(ALICE);
  expect((await seneschalIn({ SENESCHAL_CONTEXT: owner }, 'whoami')).stdout).toMatch(/^owner /);
  expect((await seneschal('whoami', '--context', owner)).stdout).toMatch(/^owner /);
  expect((await seneschal('context', 'use', owner)).code).toBe(0);
  expect((await json('whoami')).userName).toBe('owner');
  const { contexts } = await json('context', 'list');
  expect(contexts).toMatchObject([
    { name: owner, current: true, vaultId: vault.vaultId },
    { name: 'mine', current: false, vaultId: null, email: ALICE },
  ]);
  const unknown = await seneschal('context', 'use', 'other');
  expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining(`there are ${owner}, mine`)]);
});

test('whoever joins later is in their only vault with the next command', async () => {
  await seneschal('vault', 'invite', 'send', ALICE);
  await seneschal('vault', 'invite', 'accept', '--context', 'mine');
  expect((await json('vault', 'organization', 'show', '--context', 'mine')).displayName).toBe('Acme');
  const { contexts } = await json('context', 'list');
  expect(contexts[1]).toMatchObject({ name: 'mine', vaultId: vault.vaultId });
});

test('a context outlives its session, and says where and who at the next sign-in', async () => {
  expect((await seneschal('logout', '--context', 'mine')).code).toBe(0);
  const over = await seneschal('vault', 'access', 'show', '--context', 'mine');
  expect([over.code, over.stderr]).toEqual([
    64,
    expect.stringContaining('next: Sign in again: seneschal login --context mine'),
  ]);
  const again = await seneschal('login', '--context', 'mine', '--password-file', passwordOf(ALICE));
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('alice is signed in')]);
  const open = await seneschal('context', 'delete', 'mine');
  expect([open.code, open.stderr]).toEqual([64, expect.stringContaining('seneschal logout --context mine')]);
  await seneschal('logout', '--context', 'mine');
  expect((await seneschal('context', 'delete', 'mine')).code).toBe(0);
  const { contexts } = await json('context', 'list');
  expect(contexts).toMatchObject([{ current: false, email: vault.owner.email }]);
  await seneschal('context', 'use', contexts[0].name);
});

test('a password for one command goes where the context leads, or where --url or SENESCHAL_URL says', async () => {
  const asBob = ['--as', 'bob@acme.example', '--password-file', passwordOf('bob@acme.example')];
  expect((await json('whoami', ...asBob)).url).toBe(vault.url);
  const empty = { SENESCHAL_SESSION: join(folderWith({}), 'none.json') };
  const nowhere = await seneschalIn(empty, 'whoami', ...asBob);
  expect([nowhere.code, nowhere.stderr]).toEqual([64, expect.stringContaining('The vault is not named')]);
  const there = await seneschalIn({ ...empty, SENESCHAL_URL: vault.url }, 'whoami', ...asBob);
  expect(there.code).toBe(0);
  const asOwner = ['--as', vault.owner.email, '--password-file', vault.owner.passwordFile];
  const environment = { ...empty, SENESCHAL_URL: vault.url, SENESCHAL_VAULT: vault.vaultId };
  expect((await seneschalIn(environment, 'vault', 'member', 'list', ...asOwner)).code).toBe(0);
});

test('an environment of another server than the session sends nothing', async () => {
  const { code, stderr } = await seneschalIn({ SENESCHAL_URL: 'https://other.example' }, 'whoami');
  expect([code, stderr]).toEqual([64, expect.stringContaining('nothing was sent')]);
});

test('SENESCHAL_CREDENTIALS leads plan and apply', async () => {
  const environment = { SENESCHAL_CREDENTIALS: vault.credentialsDir };
  const { stdout } = await seneschalIn(environment, 'plan', copyOfExample());
  expect(stdout).toContain('alice@acme.example');
});

test('what is no address of a vault is said to be none', async () => {
  const empty = { SENESCHAL_SESSION: join(folderWith({}), 'none.json') };
  for (const command of [['login'], ['whoami']]) {
    const who = ['--as', ALICE, '--url', 'acme', '--password-file', file];
    const { code, stderr } = await seneschalIn(empty, ...command, ...who);
    expect([code, stderr]).toEqual([64, expect.stringContaining('acme is no address of a vault')]);
  }
});

test('without a terminal nothing is asked for: it is said what to give', async () => {
  const { code, stderr } = await seneschal('login', '--url', vault.url, '--as', ALICE);
  expect([code, stderr]).toEqual([64, expect.stringContaining('next: Give --password-file')]);
});
