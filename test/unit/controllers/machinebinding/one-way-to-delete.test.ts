import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '..', '..', '..', '..', 'src');

/** Files below `src` whose text a pattern is in. */
function filesWith(pattern: RegExp, folder = ''): string[] {
  return readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && pattern.test(readFileSync(join(src, folder, file), 'utf8')))
    .map((file) => join(folder, file));
}

test('one function asks the API server to delete a Secret', () => {
  expect(filesWith(/\bdelete\(\s*SECRETS\b/)).toEqual(['controllers/machinebinding/secret-deletion.ts']);
  expect(filesWith(/\bDELETE\b/, 'controllers')).toEqual([]);
  expect(filesWith(/\b(kube|client)\.delete\(/, 'controllers')).toEqual([
    'controllers/machinebinding/secret-deletion.ts',
  ]);
});

test('seals are made in one place, which binds each to its place', () => {
  expect(filesWith(/nstallation\.(seal|verify)\(/, 'controllers')).toEqual([
    'controllers/machinebinding/seals.ts',
  ]);
});
