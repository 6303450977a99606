import { describe, expect, it } from 'vitest';
import { SPECS } from '#api/v1alpha1/kinds.ts';
import { isEmail } from '#model/names.ts';
import { email } from '#vault/people-api/people-app.ts';

const TAKEN = [
  'alice@acme.example',
  'alice.b+tag@mail.acme.example',
  "o'hara@acme.example",
  'a!#$%&*=?^_`{|}~-@acme.example',
  'søren@bücher.example',
  '用户@例え.example',
  'root@localhost',
  'a@1.example',
];

const REFUSED = [
  'alice',
  'alice@',
  '@acme.example',
  'a@b@acme.example',
  'a..b@acme.example',
  '.a@acme.example',
  'a.@acme.example',
  'a@acme..example',
  'a@-acme.example',
  'a@acme.example.',
  'a b@acme.example',
  'a/b@acme.example',
  '"a b"@acme.example',
  'Alice <a@acme.example>',
  'a,b@acme.example',
  'a@[192.0.2.1]',
  'a\u200b@acme.example',
  `${'a'.repeat(250)}@acme.example`,
];

/** By each plane: what Git declares, what people send. */
const planes = {
  validate: (text: string) =>
    SPECS.Member.safeParse({ organizationRef: { name: 'acme' }, email: text }).success,
  people: (text: string) => email.safeParse(text).success,
  model: isEmail,
};

describe('one grammar of e-mail addresses', () => {
  it.each(TAKEN)('every plane takes %s', (text) => {
    for (const takes of Object.values(planes)) expect(takes(text)).toBe(true);
  });

  it.each(REFUSED)('no plane takes %s', (text) => {
    for (const takes of Object.values(planes)) expect(takes(text)).toBe(false);
  });
});
