import { expect, test } from 'vitest';
import { faults, textsOf } from '#test/builders/shaping.ts';

const values = { 'p/db-user': 'u', 'p/db-password': 's', 'p/api': 'k', 'q/db-user': 'other' };

test('a value stands under the key that was asked for, else under the name of the secret', async () => {
  const data = [
    { project: 'p', secret: 'db-user' },
    { project: 'p', secret: 'db-user', key: 'AGAIN' },
  ];
  expect(await textsOf({ data }, values)).toEqual({ 'db-user': 'u', AGAIN: 'u' });
});

test('from takes all that the machine may read in a project', async () => {
  expect(await textsOf({ from: [{ project: 'p' }] }, values)).toEqual({
    api: 'k',
    'db-password': 's',
    'db-user': 'u',
  });
});

test('from takes what is like a pattern, under names for an environment', async () => {
  const from = [
    {
      project: 'p',
      names: 'db-*',
      removePrefix: 'db-',
      keys: 'Environment' as const,
      prefix: 'PG_',
    },
  ];
  expect(await textsOf({ from }, values)).toEqual({ PG_USER: 'u', PG_PASSWORD: 's' });
});

test('from takes nothing that the binding does not list, and says so', async () => {
  expect(await faults({ from: [{ project: 'p', names: 'x*' }] }, ['p/db-user'])).toEqual([
    'from[0]: no secret of project p that projects[].secrets lists is like x*; list it there',
  ]);
});

test('a key that no Secret can have is named with what gives it', async () => {
  expect(await faults({ from: [{ project: 'p' }] }, ['p/api key'])).toEqual([
    'from[0] (p/api key): "api key" cannot be a key of a Secret; set removePrefix, prefix or keys, or list it in data with a key',
  ]);
});

test('what is for templates alone is not in the Secret', async () => {
  const data = [{ project: 'p', secret: 'db-password', templateOnly: true }];
  const templates = [{ key: 'url', text: 'x://{{ values.db-password }}' }];
  expect(await textsOf({ data, templates }, values)).toEqual({ url: 'x://s' });
});
