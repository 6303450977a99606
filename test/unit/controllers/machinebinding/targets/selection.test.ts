import { expect, test } from 'vitest';
import { select, sourceText } from '#controllers/machinebinding/targets/selection.ts';

const granted = new Map([
  ['payments/db-password', { id: 'sk_1', version: 3 }],
  ['payments/api key', { id: 'sk_2', version: 1 }],
]);
const available = { granted, exists: (_: string, name: string) => name !== 'nowhere' };
const item = (secret: string, key?: string) => ({
  project: 'payments',
  secret,
  ...(key === undefined ? {} : { key }),
});

test('a value stands under the key that was asked for, else under the name of the secret', () => {
  expect(
    select({ secretName: 's', data: [item('db-password'), item('db-password', 'AGAIN')] }, available),
  ).toEqual({
    selected: [
      { key: 'AGAIN', id: 'sk_1', version: 3 },
      { key: 'db-password', id: 'sk_1', version: 3 },
    ],
    unavailable: [],
  });
});

test.each([
  ['nowhere', undefined, 'SecretMissing'],
  ['other', undefined, 'NotGranted'],
  ['api key', undefined, 'InvalidKey'],
  ['api key', '../x', 'InvalidKey'],
])('%s under %s is unavailable: %s', (secret, key, why) => {
  const { selected, unavailable } = select({ secretName: 's', data: [item(secret, key)] }, available);
  expect(selected).toEqual([]);
  expect(unavailable).toMatchObject([{ why, project: 'payments', secret }]);
});

test('one key for two values is refused', () => {
  const data = [item('db-password', 'A'), item('api key', 'A')];
  expect(select({ secretName: 's', data }, available).unavailable).toMatchObject([{ why: 'DuplicateKey' }]);
});

test('what the source seal says changes with id, version and key', () => {
  const one = { key: 'a', id: 'sk_1', version: 1 };
  const text = sourceText([one]);
  expect(sourceText([{ ...one }])).toBe(text);
  for (const other of [
    { ...one, key: 'b' },
    { ...one, id: 'sk_2' },
    { ...one, version: 2 },
  ]) {
    expect(sourceText([other])).not.toBe(text);
  }
});
