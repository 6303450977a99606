import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentParts, select, sourceParts } from '#controllers/machinebinding/targets/selection.ts';

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

test('what seals are over does not depend on the order, and changes with id, version, key and content', () => {
  const one = { key: 'a', id: 'sk_1', version: 1 };
  const text = JSON.stringify(sourceParts('uid', [one]));
  for (const other of [
    { ...one, key: 'b' },
    { ...one, id: 'sk_2' },
    { ...one, version: 2 },
  ]) {
    expect(JSON.stringify(sourceParts('uid', [other]))).not.toBe(text);
  }
  expect(JSON.stringify(sourceParts('other', [one]))).not.toBe(text);
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (data) => {
      const reversed = Object.fromEntries(Object.entries(data).reverse());
      expect(contentParts('uid', reversed)).toEqual(contentParts('uid', data));
    }),
  );
});
