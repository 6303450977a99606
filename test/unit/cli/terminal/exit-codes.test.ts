import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CommandOutcome, exitCode, exitCodesPage } from '#cli/terminal/exit-codes.ts';

test.each<[CommandOutcome[], number]>([
  [[], 0],
  [['Done'], 0],
  [['ChangesPending'], 2],
  [['ChangesPending', 'Held'], 3],
  [['Held', 'PartlyApplied'], 5],
  [['PartlyApplied', 'Error'], 1],
  [['Error', 'StalePlan'], 4],
  [['StalePlan', 'SourceNotTrusted'], 7],
  [['SourceNotTrusted', 'InvalidConfiguration'], 6],
])('of %j the exit code is %i: the first in the order 6, 7, 4, 1, 5, 3, 2', (outcomes, code) => {
  expect(exitCode(outcomes)).toBe(code);
  expect(exitCode(outcomes.toReversed())).toBe(code);
});

test('docs/exit-codes.md is the page of the table; `node scripts/exit-codes.ts` writes it', () => {
  expect(readFileSync('docs/exit-codes.md', 'utf8')).toBe(exitCodesPage());
});
