import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './named-paths.ts';

const folder = join(ROOT, 'docs/decisions');
const index = readFileSync(join(folder, 'README.md'), 'utf8');
const records = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .sort()
  .map((file) => {
    const [title, , status] = readFileSync(join(folder, file), 'utf8').split('\n');
    return { file, number: file.slice(0, 4), title: title ?? '', status: status ?? '' };
  });

test('every decision says in its third line what its status is, and names only decisions that are there', () => {
  const numbers = records.map(({ number }) => number);
  for (const { file, status } of records) {
    expect(status, file).toMatch(
      /^Status: (Accepted \d{4}-\d\d-\d\d(, revised \d{4}-\d\d-\d\d)?(, amended by \d{4}(, \d{4})*( and \d{4})?)?|Superseded by \d{4})$/,
    );
    expect(numbers, file).toEqual(expect.arrayContaining(status.match(/\b\d{4}\b(?!-)/g) ?? []));
  }
});

test('the index has a row for every decision, in order, with its title and its status', () => {
  const rows = index.split('\n').filter((line) => line.startsWith('| ['));
  expect(rows).toEqual(
    records.map(
      ({ file, title, status }) =>
        `| [${title.replace(/^# /, '')}](${file}) | ${status.replace(/^Status: /, '')} |`,
    ),
  );
});

test('every number is one decision, and the index names those that were never used', () => {
  const used = records.map(({ number }) => Number(number));
  expect(records.map(({ title }) => Number(title.slice(2, 6)))).toEqual(used);
  expect(new Set(used).size).toBe(used.length);
  const skipped = Array.from({ length: Math.max(...used) }, (_, at) => at + 1)
    .filter((number) => !used.includes(number))
    .map((number) => String(number).padStart(4, '0'));
  expect([...index.matchAll(/^(\d{4}) was never used\.$/gm)].map(([, number]) => number)).toEqual(skipped);
});
