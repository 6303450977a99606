import { existsSync, readFileSync } from 'node:fs';
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
beforeAll(async () => {
  vault = await startDevVault();
  const { email, passwordFile } = vault.owner;
  const who = ['--as', email, '--password-file', passwordFile, '--vault', vault.vaultId];
  expect((await owner('login', '--url', vault.url, ...who)).code).toBe(0);
});
afterAll(() => vault.stop());

const owner = (...words: string[]) => seneschal('vault', ...words);
const json = async (...words: string[]) => JSON.parse((await owner(...words, '-o', 'json')).stdout);

test('an owner makes a bounded identity, changes its key, and revokes it (V4)', async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const bounds = ['--abilities', 'machines:manage', '--projects', 'Main', '--machines-per-hour', '3'];
  const { id } = await json('automation', 'create', 'ci', '--credentials', one, ...bounds);
  const { fingerprint } = await json('automation', 'add-key', id, '--credentials', two);
  expect(readFileSync(join(two, 'automation-id'), 'utf8')).toBe(id);
  const found = async () =>
    (await json('automation', 'list')).automations.find((other: { id: string }) => other.id === id);
  expect(await found()).toMatchObject({ projects: ['Main'], machinesPerHour: 3, state: 'Active' });
  const others = ['--all-projects', '--machines-per-hour', '5', '--ceiling', 'people=1', 'projects=0'];
  others.push('--addresses', '10.0.0.0/8');
  expect(await json('automation', 'set-bounds', id, ...others)).toMatchObject({ id, machinesPerHour: 5 });
  expect(await found()).toMatchObject({
    projects: null,
    machinesPerHour: 5,
    addresses: ['10.0.0.0/8'],
    ceilings: { people: 1, projects: 0, machines: 200 },
  });
  expect((await owner('automation', 'set-bounds', id)).code).toBe(64);
  expect((await owner('automation', 'set-bounds', id, '--ceiling', 'pets=1')).code).toBe(64);
  const old = (await found()).keys.find((key: { fingerprint: string }) => key.fingerprint !== fingerprint);
  expect((await owner('automation', 'revoke-key', id, old.fingerprint)).code).toBe(0);
  expect((await found()).keys).toMatchObject([{ fingerprint }]);
  expect((await owner('automation', 'revoke', id)).code).not.toBe(0);
  expect((await owner('automation', 'revoke', id, '--yes')).code).toBe(0);
  const { stdout } = await owner('automation', 'list');
  expect(stdout).toMatch(new RegExp(`^${id} +ci +Revoked +machines:manage +all`, 'm'));
});

test('an identity without abilities observes; a count that is none is refused before anything is made', async () => {
  const folderOf = (name: string): string => join(folder, name);
  expect((await owner('automation', 'create', 'eyes', '--credentials', folderOf('eyes'))).code).toBe(0);
  expect((await owner('automation', 'list')).stdout).toMatch(/ eyes +Active +observes +all/);
  const wrong = ['--credentials', folderOf('wrong'), '--machines-per-hour', 'many'];
  expect((await owner('automation', 'create', 'wrong', ...wrong)).code).toBe(64);
  expect(existsSync(folderOf('wrong'))).toBe(false);
});

test('a machine is given its second key, and loses its first', async () => {
  const made = await json('machine', 'create', 'builder', '--out', join(folder, 'first'));
  expect(made.machineName).toBe('builder');
  const { fingerprint, files } = await json('machine', 'add-key', 'builder', '--out', join(folder, 'second'));
  expect(files).toContain(join(folder, 'second', 'identity.json'));
  const keys = async () => (await json('machine', 'list')).machines[0].keys as { fingerprint: string }[];
  const old = (await keys()).find((key) => key.fingerprint !== fingerprint)?.fingerprint ?? '';
  expect((await owner('machine', 'revoke-key', 'builder', old)).code).toBe(0);
  expect(await keys()).toMatchObject([{ fingerprint }]);
});
