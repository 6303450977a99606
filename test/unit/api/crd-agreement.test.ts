import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS, type Kind, SPECS } from '#api/v1alpha1/kinds.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type Schema } from '#scripts/crd.ts';
import { FULL_SPECS } from './full-specs.ts';

const specSchema = (kind: Kind): Schema => {
  const definition = CUSTOM_RESOURCE_DEFINITIONS.find(({ spec }) => spec.names.kind === kind)!;
  return definition.spec.versions[0]!.schema.openAPIV3Schema.properties!.spec!;
};

interface CelRule {
  readonly rule: string;
  readonly message: string;
}

const MATCHES = /^self\.matches\(r'(.*)'\)$/s;

/** What crosses fields is judged by CEL, on the real API server (test/integration/api); here it is set aside. */
function celMessages(schema: Schema, into = new Set<string>()): Set<string> {
  for (const { rule, message } of (schema['x-kubernetes-validations'] ?? []) as CelRule[]) {
    if (!MATCHES.test(rule)) into.add(message);
  }
  for (const inner of Object.values(schema.properties ?? {})) celMessages(inner, into);
  if (schema.items !== undefined) celMessages(schema.items, into);
  return into;
}

/** The schema as the API server reads it with strict field validation. */
function asAjv(schema: Schema): Schema {
  const { properties, items, additionalProperties, 'x-kubernetes-validations': rules, ...rest } = schema;
  const patterns = ((rules ?? []) as CelRule[]).flatMap(({ rule }) => MATCHES.exec(rule)?.[1] ?? []);
  return {
    ...rest,
    ...(patterns.length === 0 ? {} : { allOf: patterns.map((pattern) => ({ pattern })) }),
    ...(items === undefined ? {} : { items: asAjv(items) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: asAjv(additionalProperties) }
      : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([name, it]) => [name, asAjv(it)])),
          additionalProperties: false,
        }),
  };
}

function compile(kind: Kind) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const distinct = (ids: readonly unknown[]) =>
    new Set(ids.map((id) => JSON.stringify(id) ?? '')).size === ids.length;
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-map-keys',
    type: 'array',
    validate: (keys: string[], items: Record<string, unknown>[]) =>
      distinct(items.map((item) => keys.map((key) => item?.[key] ?? null))),
  });
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-type',
    type: 'array',
    validate: (type: string, items: unknown[]) => type !== 'set' || distinct(items),
  });
  return ajv.compile(asAjv(specSchema(kind)));
}

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  7,
  8,
  1024,
  1025,
  1.5,
  100_000,
  100_001,
  2 ** 40,
  '',
  ' ',
  'a',
  'A',
  ' a',
  'a ',
  'a/b',
  'a\tb',
  'é',
  'no',
  '30s',
  '5m',
  '5h',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(128),
  'x'.repeat(129),
  'x'.repeat(241),
  'x'.repeat(254),
  `${'a'.repeat(250)}@b.c`,
  'alice@acme.example',
  '@',
  'a@b@c',
  'Read',
  'Write',
  'read',
  'Admin',
  'Owner',
  'Active',
  'Orphan',
  'Delete',
  'Revoke',
  'Hex',
  'aud_1',
  'aud_',
  'https://vault.example',
  'https://vault.example/',
  'http://vault.example',
  'http://localhost:8200',
  'https://[::1]:8200',
  '0'.repeat(64),
  '0'.repeat(63),
  '/var/run',
  'var/run',
  'a.b-c',
  '-a',
  'a-',
  'a\u00a0',
  'a\u2028b',
  [],
  {},
  ['a'],
  ['a', 'a'],
  [1],
  [[]],
  [{}],
  { name: 'a' },
  { all: true },
  { all: true, projects: [] },
];

type Json = unknown;

/** Every path of a document, the root left out. */
function paths(value: Json, at: (string | number)[] = []): (string | number)[][] {
  const here = at.length === 0 ? [] : [at];
  if (Array.isArray(value)) return [...here, ...value.flatMap((item, index) => paths(item, [...at, index]))];
  if (typeof value !== 'object' || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...at, key]))];
}

interface Mutation {
  readonly pick: number;
  readonly how: 'set' | 'remove' | 'repeat' | 'add';
  readonly value: number;
}

function mutate(document: Json, { pick, how, value }: Mutation): Json {
  const copy = structuredClone(document) as Record<string, Json>;
  const all = paths(copy);
  const path = all[pick % all.length];
  if (path === undefined) return copy;
  const parent = path.slice(0, -1).reduce<Json>((at, part) => (at as Record<string, Json>)[part], copy);
  const key = path.at(-1)!;
  const holder = parent as Record<string | number, Json>;
  if (how === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete holder[key];
  } else if (how === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
  else if (how === 'add' && !Array.isArray(parent)) holder.unknown = VALUES[value % VALUES.length];
  else holder[key] = structuredClone(VALUES[value % VALUES.length]);
  return copy;
}

const mutations = fc.array(
  fc.record({
    pick: fc.nat(400),
    how: fc.constantFrom(
      'set' as const,
      'set' as const,
      'remove' as const,
      'repeat' as const,
      'add' as const,
    ),
    value: fc.nat(VALUES.length - 1),
  }),
  { minLength: 0, maxLength: 3 },
);

describe('zod and the shipped CRD', () => {
  test.each(KINDS)('agree on mutated documents of %s', (kind) => {
    const byCrd = compile(kind);
    const cel = celMessages(specSchema(kind));
    cel.add('a target holds a secret that the machine may not read; list it in projects[].secrets too');
    const byZod = (spec: unknown): boolean => {
      const result = SPECS[kind].safeParse(spec);
      return (
        result.success ||
        result.error.issues.every((issue) => issue.code === 'custom' && cel.has(issue.message))
      );
    };
    let refused = 0;
    fc.assert(
      fc.property(mutations, (list) => {
        const spec = list.reduce(mutate, FULL_SPECS[kind] as Json);
        const verdict = byCrd(spec);
        if (!verdict) refused += 1;
        expect(byZod(spec), JSON.stringify({ spec, errors: byCrd.errors })).toBe(verdict);
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(1_950);
  });
});
