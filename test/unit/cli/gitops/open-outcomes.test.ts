import { expect, test } from 'vitest';
import { outcomesOf } from '#cli/gitops/open-outcomes.ts';
import { exitCode } from '#cli/terminal/exit-codes.ts';
import { STANDINGS, type Standing } from '#model/standing.ts';

const codeOf = (standings: readonly Standing[], accepted?: 'cuts'): number =>
  exitCode(outcomesOf({ items: [], counts: Object.fromEntries(standings.map((one) => [one, 1])) }, accepted));

test.each<[number, string, Standing[]]>([
  [5, 'something declared could not be done', ['Refused', 'ReferenceMissing', 'Expired', 'Failed']],
  [3, 'a rail holds, or a person cut it', ['Held', 'CutByPerson', 'Queued']],
  [2, 'there is something to apply', ['UnderWay']],
  [0, 'nobody here can hurry it', ['LeftToOperator', 'WaitingForPerson', 'Scheduled', 'Drifted', 'Foreign']],
])('exits %i where %s', (code, _why, standings) => {
  expect(standings.map((standing) => codeOf([standing]))).toEqual(standings.map(() => code));
});

test('what could not be done goes before what is held, and that before what is to apply', () => {
  expect(codeOf(['UnderWay', 'Held', 'Refused', 'Foreign'])).toBe(5);
  expect(codeOf(['UnderWay', 'Held', 'Foreign'])).toBe(3);
  expect(codeOf(Object.keys(STANDINGS) as Standing[])).toBe(5);
});

test('what people cut leaves 0 where it is accepted, and everything else stays as it is', () => {
  expect(codeOf(['CutByPerson'], 'cuts')).toBe(0);
  expect(codeOf(['CutByPerson', 'Held'], 'cuts')).toBe(3);
  expect(codeOf([])).toBe(0);
});
