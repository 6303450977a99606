import { expect, test } from 'vitest';
import { shaped, textsOf } from '#test/builders/shaping.ts';

const one = (more: object) => ({ data: [{ project: 'p', secret: 's', ...more }] });

test.each([
  ['user', 'alice'],
  ['db.port', '5432'],
  ['dotted.name', 'found'],
  ['price', '1.10'],
  ['id', '12345678901234567890'],
  ['db', '{"port":5432,"tls":true}'],
  ['list', '[1.0,"a"]'],
])('the field %s of a JSON value is %s', async (field, text) => {
  const value =
    '{"user":"alice","db":{"port":5432,"tls":true},"dotted.name":"found","price":1.10,"id":12345678901234567890,"list":[1.0,"a"]}';
  expect(await textsOf(one({ field, key: 'k' }), { 'p/s': value })).toEqual({ k: text });
});

test.each([
  ['constructor', '{"user":"alice"}', 'data[0] (p/s): the value has no field constructor'],
  ['user', 'hunter2', 'data[0] (p/s): the value is no JSON object, and a field of it is asked for'],
  ['user', '["alice"]', 'data[0] (p/s): the value is no JSON object, and a field of it is asked for'],
])('a field %s that the value lacks is told without the value', async (field, value, message) => {
  expect(await textsOf(one({ field }), { 'p/s': value })).toBe(message);
});

test('each field of a JSON value has a key of its own', async () => {
  const from = [{ project: 'p', fields: true, keys: 'Environment' as const, prefix: 'DB_' }];
  expect(await textsOf({ from }, { 'p/s': '{"user":"alice","max-size":3}' })).toEqual({
    DB_USER: 'alice',
    DB_MAX_SIZE: '3',
  });
});

test('a field whose name is no key of a Secret is refused', async () => {
  expect(await textsOf({ from: [{ project: 'p', fields: true }] }, { 'p/s': '{"..data":"x"}' })).toContain(
    '"..data" cannot be a key of a Secret',
  );
});

test('Base64 gives its bytes, also those that are no text', async () => {
  const result = await shaped(one({ encoding: 'Base64' }), { 'p/s': '/wD+\nAA==' });
  expect(result).toEqual({ ok: true, data: new Map([['s', Buffer.from([255, 0, 254, 0])]]) });
});

test('what is no Base64 is told without the value', async () => {
  expect(await textsOf(one({ encoding: 'Base64' }), { 'p/s': 'hunter2!' })).toBe(
    'data[0] (p/s): the value is no Base64; take encoding away, or store it so',
  );
});

test('more than a Secret holds is told with the largest keys', async () => {
  const data = ['a', 'b', 'c', 'd'].map((secret) => ({ project: 'p', secret }));
  const values = {
    'p/a': 'x'.repeat(600_000),
    'p/b': 'x'.repeat(10),
    'p/c': 'x'.repeat(400_000),
    'p/d': 'x'.repeat(60_000),
  };
  expect(await textsOf({ data }, values)).toBe(
    'holds 1060010 bytes, and a Secret at most 1048576; largest are a (600000 bytes), c (400000 bytes), d (60000 bytes). Split the target',
  );
});
