import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  approveFirstCommit,
  copyOfExample,
  type DevVault,
  folderWith,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

let vault: DevVault;

beforeAll(async () => {
  vault = await startDevVault();
  const example = copyOfExample();
  await approveFirstCommit(example, vault.options, (digest) =>
    seneschal('approve', digest, ...vault.asOwner, '--reason', 'the first commit'),
  );
  const applied = await seneschal('apply', example, ...vault.options);
  expect(applied.code).toBe(0);
});
afterAll(() => vault.stop());

const importInto = (folder: string, ...more: string[]) =>
  seneschal('import', folder, ...vault.options, ...more);

test('a vault becomes a folder that validates and whose plan has claims and nothing else', async () => {
  const folder = join(folderWith({}), 'acme');
  const imported = await importInto(folder);
  expect(imported.stderr).toBe('');
  expect(imported.stdout).toMatch(
    /^15 objects in 15 files of .* at revision \d+\nPlan of the folder: \d+ Claim\.$/m,
  );
  expect(imported.code).toBe(0);
  expect(readdirSync(folder)).toContain('member-alice.yaml');
  expect((await seneschal('validate', folder)).code).toBe(0);
  const planned = await seneschal('plan', folder, ...vault.options, '-o', 'json');
  const steps = (JSON.parse(planned.stdout) as { steps: { kind: string }[] }).steps;
  expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['Claim']));
});

test('split by kind, each kind has a file, and the bytes are the same each time', async () => {
  const [one, other] = [join(folderWith({}), 'acme'), join(folderWith({}), 'acme')];
  await importInto(one, '--split-by', 'kind', '--comments');
  await importInto(other, '--split-by', 'kind', '--comments');
  const names = ['groups.yaml', 'members.yaml', 'organization.yaml', 'projects.yaml', 'templates.yaml'];
  expect(readdirSync(one)).toEqual(names);
  for (const name of names) {
    expect(readFileSync(join(one, name), 'utf8')).toBe(readFileSync(join(other, name), 'utf8'));
  }
});

test('a folder with anything in it is left as it is', async () => {
  const folder = folderWith({ 'notes.txt': 'mine' });
  const { code, stderr } = await importInto(folder);
  expect(code).toBe(64);
  expect(stderr).toContain('is not empty; nothing is overwritten.');
  expect(readdirSync(folder)).toEqual(['notes.txt']);
});

test('a repository that was just made is empty', async () => {
  const folder = folderWith({});
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  expect((await importInto(folder)).code).toBe(0);
});

test('what people cut stands in the folder only where it is asked for', async () => {
  const session = ['vault', 'member', 'remove', 'dave@acme.example'];
  const removed = await seneschal(...session, ...vault.asOwner, '--yes');
  expect(removed.stderr).toBe('');
  const cut = /Member dave@acme\.example: Removed by \S+ at \S+; entry aud_\w+/;
  const [bare, told] = [join(folderWith({}), 'acme'), join(folderWith({}), 'acme')];
  await importInto(bare);
  await importInto(told, '--comments');
  const textOf = (folder: string) => readFileSync(join(folder, 'organization.yaml'), 'utf8');
  expect(textOf(bare)).not.toContain('dave');
  expect(textOf(told)).toMatch(cut);
});
