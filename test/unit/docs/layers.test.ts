import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './named-paths.ts';

const namesIn = (text: string): string[] =>
  [...text.matchAll(/`([a-z-]+)`|'([a-z-]+)'/g)].map(([, a, b]) => a ?? b!);
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** From the first text to the next. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from) + from.length;
  return text.slice(start, text.indexOf(to, start));
}

test('the table of the vault server lists every folder, in the order in which they may import each other', () => {
  const rows = between(read('docs/architecture.md'), '| `src/vault/...` | one idea |\n', '\n\n').split('\n');
  const listed = rows.flatMap((row) => namesIn(row.split('|')[1] ?? ''));
  expect(listed).toEqual(namesIn(between(read('.dependency-cruiser.cjs'), 'const vaultLayers = [', ']')));
  expect(listed.toSorted()).toEqual(readdirSync(join(ROOT, 'src/vault')).sort());
});

test('the README has a row for every folder of src', () => {
  const rows = read('README.md').matchAll(/^\| `src\/([a-z-]+)/gm);
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect([...rows].map(([, name]) => name).sort()).toEqual(folders.map(({ name }) => name).sort());
});

/** Of kinds: each of their parts has a file of that name. */
const KINDS = ['group.ts', 'groups.ts', 'member.ts', 'organization.ts', 'project.ts'];

test('no two files of the vault server have one name, and elsewhere only those that are named after a kind', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const twice = (some: readonly string[]): string[] => {
    const names = some.map((path) => basename(path));
    return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  };
  const inVault = files.filter((path) => path.startsWith(`vault${sep}`));
  expect(twice(inVault)).toEqual([]);
  expect(
    twice(files.filter((path) => !inVault.includes(path))).filter((name) => !KINDS.includes(name)),
  ).toEqual([]);
});
