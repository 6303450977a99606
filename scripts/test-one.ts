/**
 * `npm run test:one -- WHAT`: the tests of a file, of a folder, of what has WHAT in its path, or else those that have these
 * words in their name. Only files in which the words stand are loaded, so that the cluster of other tests is not started.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const files = globSync('test/**/*.test.ts', { cwd: root });
const [what, ...options] = process.argv.slice(2);

if (what === undefined) {
  console.error('usage: npm run test:one -- PATH|"WORDS OF A NAME" [options of vitest]');
  process.exit(64);
}
const filters = existsSync(what) || files.some((file) => file.includes(what)) ? [what] : named(what);
const { status } = spawnSync(process.execPath, [vitest, 'run', ...filters, ...options], { stdio: 'inherit' });
process.exitCode = status ?? 1;

function named(words: string): string[] {
  const saying = files.filter((file) => readFileSync(join(root, file), 'utf8').includes(words));
  if (saying.length === 0) {
    console.error(
      `No test has these words in its name: ${words}\nWhere a name is put together, name its file.`,
    );
    process.exit(1);
  }
  return [...saying, '--testNamePattern', words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')];
}
