import { expect, test } from 'vitest';
import { jsonText } from '#cli/terminal/answer.ts';

test('a time is RFC 3339 to the second, by the name that it stands under', () => {
  const at = Date.UTC(2027, 0, 31, 18, 0, 0, 7);
  expect(
    JSON.parse(jsonText({ at, expiresAt: at, until: null, reads: [{ first: at, lastUsedAt: at }] })),
  ).toEqual({
    at: '2027-01-31T18:00:00Z',
    expiresAt: '2027-01-31T18:00:00Z',
    until: null,
    reads: [{ first: '2027-01-31T18:00:00Z', lastUsedAt: '2027-01-31T18:00:00Z' }],
  });
});

test('what is signed stays as it was signed (A3)', () => {
  const head = { at: 1_796_060_435_835, sequence: 3, signature: 'c2ln' };
  expect(JSON.parse(jsonText({ head }))).toEqual({ head });
});

test('a count stays a count, however large, and a time that no calendar has stays a number', () => {
  const value = { storedBytes: 1_796_060_435_835, at: 9e15, sequence: 3, text: '7' };
  expect(JSON.parse(jsonText(value))).toEqual(value);
});
