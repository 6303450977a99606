import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TargetSpec } from '#shaping/selection.ts';
import { LARGEST_SECRET } from '#shaping/shape.ts';
import { shaped, type ValuesByName } from '#test/builders/shaping.ts';

const name = fc.constantFrom(
  'a',
  'b',
  'a-b',
  'a_b',
  '..',
  '..data',
  '.',
  'x y',
  'é',
  'A',
  'a.b',
  '__proto__',
);
const project = fc.constantFrom('p', 'q');
const encoding = fc.constantFrom('Text' as const, 'Base64' as const);
const some = { requiredKeys: [] };

const item = fc.record(
  {
    project,
    secret: name,
    key: name,
    field: fc.constantFrom('f', 'g.h', '__proto__'),
    encoding,
    templateOnly: fc.boolean(),
  },
  { requiredKeys: ['project', 'secret'] },
);
const many = fc.record(
  {
    project,
    names: fc.constantFrom('*', 'a*', '?', '*b*', '**'),
    fields: fc.boolean(),
    removePrefix: fc.constantFrom('a', ''),
    keys: fc.constantFrom('AsNamed' as const, 'Environment' as const),
    prefix: fc.constantFrom('', '.', '..', 'P_'),
    encoding,
    templateOnly: fc.boolean(),
  },
  { requiredKeys: ['project'] },
);
const template = fc.record({
  key: name,
  text: fc.constantFrom(
    '{{ values.a }}',
    '{% for p in values %}{{ p[0] }}={{ p[1] }};{% endfor %}',
    'static',
    '{{ values.a | json | append: values.b }}',
    '{% broken',
  ),
});
const spec: fc.Arbitrary<Omit<TargetSpec, 'secretName'>> = fc.record(
  {
    data: fc.array(item, { maxLength: 4 }),
    from: fc.array(many, { maxLength: 3 }),
    templates: fc.array(template, { maxLength: 2 }),
    clashes: fc.constantFrom('Refuse' as const, 'LastWins' as const),
    type: fc.constantFrom('Opaque' as const, 'kubernetes.io/basic-auth' as const),
  },
  some,
) as fc.Arbitrary<Omit<TargetSpec, 'secretName'>>;

const text = fc.oneof(
  fc.constantFrom('{"f":1.50,"g":{"h":"in"},"..data":2}', 'aGk=', 'hunter2', '', '😀', '{"a":"x","b":"y"}'),
  fc.constant('x'.repeat(600_000)),
);
const values: fc.Arbitrary<ValuesByName> = fc
  .array(fc.tuple(project, name, text), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries.map(([of, secret, value]) => [`${of}/${secret}`, value])));

/** As the API server and a volume take keys: validation of Secrets, `IsConfigMapKey`. */
const isTaken = (key: string) =>
  /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && key !== '..' && !key.startsWith('..');

test('the same target and values give the same bytes in the same order, or the same fault', async () => {
  await fc.assert(
    fc.asyncProperty(spec, values, async (target, given) => {
      const turned = Object.fromEntries(Object.entries(given).toReversed());
      const [one, two] = [await shaped(target, given), await shaped(structuredClone(target), turned)];
      expect(one).toEqual(two);
      if (one.ok && two.ok) expect([...one.data.keys()]).toEqual([...two.data.keys()]);
    }),
    { numRuns: 500 },
  );
});

test('no key, and no size, comes out that the API server refuses', async () => {
  let written = 0;
  await fc.assert(
    fc.asyncProperty(spec, values, async (target, given) => {
      const result = await shaped(target, given);
      if (!result.ok) return;
      written += 1;
      expect([...result.data.keys()].filter((key) => !isTaken(key))).toEqual([]);
      const size = [...result.data.values()].reduce((sum, { length }) => sum + length, 0);
      expect(size).toBeLessThanOrEqual(LARGEST_SECRET);
    }),
    { numRuns: 1_000 },
  );
  expect(written).toBeGreaterThan(50);
});

test('no fault has a value in it', async () => {
  await fc.assert(
    fc.asyncProperty(spec, values, async (target, given) => {
      const result = await shaped(target, given);
      if (!result.ok) expect(result.fault.message).not.toMatch(/hunter2|aGk=|1\.50|x{20}|😀/);
    }),
    { numRuns: 500 },
  );
});

test('a value that is named by itself is under its key whatever projects give', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(many, { maxLength: 3 }), values, async (from, given) => {
      const data = [{ project: 'own', secret: 'a', key: 'a' }];
      const result = await shaped({ data, from, clashes: 'LastWins' }, { ...given, 'own/a': 'mine' });
      if (result.ok) expect(result.data.get('a')?.toString()).toBe('mine');
    }),
  );
});
