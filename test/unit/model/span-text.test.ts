import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spanText, timesText } from '#model/span-text.ts';

const HOUR = 60 * 60 * 1000;

it('says a span in the largest unit that it is whole in, and a number of times', () => {
  expect(
    [HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 36 * HOUR, 5 * 60_000, 45_000].map(spanText),
  ).toEqual([...['an hour', 'a day', 'seven days', '30 days', '36 hours', 'five minutes', '45 seconds']]);
  expect([1, 2, 3, 20].map(timesText)).toEqual(['once', 'twice', 'three times', '20 times']);
});

it('no text says by itself how long budgets look back or how often an invite is sent: the constant does', () => {
  const src = join(import.meta.dirname, '../../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const said = files.flatMap((file) => {
    const code = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    return /\b(?:seven|7) days\b|\b(?:three|3) times\b/i.test(code) ? [file] : [];
  });
  expect(said).toEqual([]);
});
