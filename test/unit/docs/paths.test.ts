import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leadsSomewhere, linksIn, pathsIn, ROOT } from './named-paths.ts';

// The changelog is history: it may name what was moved since.
const PAGES = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: ROOT })
  .filter((file) => file !== 'CHANGELOG.md')
  .sort();
const SOURCES = globSync('{src,test,scripts,demo,bench}/**/*.ts', {
  cwd: ROOT,
  exclude: ['**/node_modules'],
});

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

test('the documentation names no file or folder that is not there', () => {
  const dead = PAGES.flatMap((page) =>
    pathsIn(read(page))
      .filter((path) => !leadsSomewhere(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(dead).toEqual([]);
});

test('the documentation has no link to a file that is not there', () => {
  const dead = PAGES.flatMap((page) =>
    linksIn(read(page), page)
      .filter((target) => !existsSync(join(ROOT, target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});

test('comments of the code name no file that is not there', () => {
  const dead = SOURCES.flatMap((file) =>
    commentsOf(read(file))
      .flatMap(
        (comment) => comment.match(/\b(?:src|test|scripts|docs|charts|demo|bench)\/[\w./-]+\.\w+\b/g) ?? [],
      )
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${file}: ${path}`),
  );
  expect(dead).toEqual([]);
});

/** A name in a string may be a made-up one. */
function commentsOf(source: string): string[] {
  return source.match(/^ *(?:\/\*\*?|\*|\/\/).*$/gm) ?? [];
}

test.each([
  ['a path from the root', 'see `src/model/nowhere`', 'src/model/nowhere'],
  ['a path below src', 'see `planning/nowhere.ts`', 'planning/nowhere.ts'],
  ['a path below the vault server', 'see `members/nowhere.ts`', 'members/nowhere.ts'],
  ['a path below a folder that is gone', 'see `nowhere/plan.ts`', 'nowhere/plan.ts'],
  ['a file name alone', 'see `nothing-of-that-name.ts`', 'nothing-of-that-name.ts'],
  ['a pattern', 'see `src/*/nowhere-*.ts`', 'src/*/nowhere-*.ts'],
  ['one of several', 'see `src/{main,nowhere}.ts`', 'src/{main,nowhere}.ts'],
  ['a path of a command', '```\nnode bench/nowhere.mjs\n```', 'bench/nowhere.mjs'],
])('%s that leads nowhere is noticed', (_, text, path) => {
  expect(pathsIn(text)).toEqual([path]);
  expect(leadsSomewhere(path)).toBe(false);
});
