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
import { filesIn } from '#test/builders/credentials.ts';

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
  for (const written of [one, two]) {
    expect(filesIn(written)).toMatchObject({
      'automation-id': id,
      url: vault.url,
      'vault-id': vault.vaultId,
    });
  }
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
  expect(stdout).toMatch(new RegExp(`^${id} +ci +Revoked +machines:manage +all +addresses`, 'm'));
});

test('V4: an owner sets what an identity may give and for whom it acts, and is shown what is used and left', async () => {
  const credentials = join(folder, 'giver');
  const { id } = await json(
    ...['automation', 'create', 'giver', '--credentials', credentials, '--abilities', 'members:manage'],
    ...['--invites-per-hour', '3', '--invites-per-day', '9', '--projects-per-day', '1', '--raises', '1'],
    ...[
      '--unproven-keys',
      '2',
      '--claimed-raises',
      '4',
      '--ceiling',
      'takeOvers=1',
      '--managers',
      'acme/acme',
    ],
    ...['--machine-addresses', '10.1.0.0/16'],
  );
  const shown = await json('automation', 'show', id);
  expect(shown).toMatchObject({
    managers: ['acme/acme'],
    machineAddresses: ['10.1.0.0/16'],
    ceilings: { raises: 4, takeOvers: 1, loosenings: 0, projects: 0 },
    budgets: expect.arrayContaining([
      { name: 'invitesPerHour', limit: 3, used: 0, left: 3, freeAt: null },
      { name: 'machinesPerHour', limit: null, used: 0, left: null, freeAt: null },
      { name: 'unprovenKeys', limit: 2, used: 0, left: 2, freeAt: null },
    ]),
    underCeilings: expect.arrayContaining([{ class: 'raises', limit: 4, used: 0, left: 4 }]),
  });
  const { stdout } = await owner('automation', 'show', id);
  expect(stdout).toMatch(/invitesPerHour +3 +0 +3/);
  expect(stdout).toMatch(/raises +4 +0 +4/);
  await json('automation', 'set-bounds', id, '--unproven-keys', 'none', '--own-machine-addresses');
  expect(await json('automation', 'show', id)).toMatchObject({ unprovenKeys: null, machineAddresses: null });
  expect((await owner('automation', 'set-bounds', id, '--invites-per-hour', 'none')).code).toBe(64);
});

test('V4: the list says of an identity without bounds that it is unbounded', async () => {
  expect((await owner('automation', 'list')).stdout).toMatch(/ automation +Active .* unbounded /);
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
  const keyAt = (name: string) =>
    JSON.parse(readFileSync(join(folder, name, 'identity.json'), 'utf8')).privateKeyPath as string;
  const { fingerprint, files } = await json('machine', 'add-key', 'builder', '--out', join(folder, 'second'));
  expect(files).toContain(join(folder, 'second', 'identity.json'));
  for (const name of ['first', 'second']) expect(keyAt(name)).toBe(join(folder, name, 'private.pem'));
  const mounted = ['--out', join(folder, 'third'), '--mount-path', '/etc/identity'];
  await json('machine', 'create', 'mounted', ...mounted);
  expect(keyAt('third')).toBe('/etc/identity/private.pem');
  const keys = async () => (await json('machine', 'list')).machines[0].keys as { fingerprint: string }[];
  const old = (await keys()).find((key) => key.fingerprint !== fingerprint)?.fingerprint ?? '';
  expect((await owner('machine', 'revoke-key', 'builder', old)).code).toBe(0);
  expect(await keys()).toMatchObject([{ fingerprint }]);
});
