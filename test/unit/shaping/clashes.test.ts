import { expect, test } from 'vitest';
import { faults, textsOf } from '#test/builders/shaping.ts';

const values = { 'p/name': 'of p', 'q/name': 'of q' };
const both = [{ project: 'p' }, { project: 'q' }];

test('two projects that give one key are refused, and both are named', async () => {
  expect(await textsOf({ from: both }, values)).toBe(
    'the key name is given by from[0] (p/name) and by from[1] (q/name); give one of them another, or set clashes: LastWins',
  );
});

test('by LastWins the project that stands last gives the value', async () => {
  expect(await textsOf({ from: both, clashes: 'LastWins' }, values)).toEqual({ name: 'of q' });
  const turned = both.toReversed();
  expect(await textsOf({ from: turned, clashes: 'LastWins' }, values)).toEqual({ name: 'of p' });
});

test('a value that is named by itself wins over projects, and is no clash', async () => {
  const data = [{ project: 'p', secret: 'name' }];
  expect(await textsOf({ from: [{ project: 'q' }], data }, values)).toEqual({ name: 'of p' });
});

test('a template wins over both', async () => {
  const templates = [{ key: 'name', text: 'made of {{ values.name }}' }];
  expect(await textsOf({ from: [{ project: 'q' }], templates }, values)).toEqual({ name: 'made of of q' });
});

test('two secrets of one project whose names give one variable are refused before any value is known', async () => {
  const from = [{ project: 'p', keys: 'Environment' as const }];
  expect(await faults({ from }, ['p/a-b', 'p/a_b'])).toHaveLength(1);
});
