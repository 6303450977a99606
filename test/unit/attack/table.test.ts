import { expect, it } from 'vitest';
import type { Half } from '#test/attack/outcome.ts';
import { done, refused } from '#test/attack/outcome.ts';
import { attackTable, type Ran, redScenarios } from '#test/attack/table.ts';

const ran = (half: Half, passed = true): Ran => ({
  file: 'test/attack/one.test.ts',
  passed,
  meta: {
    half,
    name: 'reads',
    actor: 'Member',
    rule: 'V3',
    permittedBy: 'a cell',
    outcomes:
      half === 'attack'
        ? [refused('GET /a', '403 Forbidden'), refused('GET /b', '403 Forbidden')]
        : [done('GET /a', '200'), done('GET /b', '204')],
  },
});

it('has a line a scenario: who, what, what it was refused with, by which rule, and its control', () => {
  expect(attackTable([ran('attack'), ran('control')])).toBe(
    [
      'actor   attack  refused with       rule  control: the same with',
      '------  ------  -----------------  ----  ----------------------',
      'Member  reads   403 Forbidden x 2  V3    a cell: 200, 204',
    ].join('\n'),
  );
});

it.each<[string, Ran[]]>([
  ['the attack went through', [ran('attack', false), ran('control')]],
  ['the control did not', [ran('attack'), ran('control', false)]],
  ['the control did not run', [ran('attack')]],
  ['the attack did not run', [ran('control')]],
])('is red where %s', (_, halves) => {
  expect(redScenarios(halves)).toEqual(['reads']);
  expect(attackTable(halves)).toContain('NOT SHOWN');
});

it('is not red where both halves are as they have to be', () => {
  expect(redScenarios([ran('attack'), ran('control')])).toEqual([]);
});
