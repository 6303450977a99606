import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { appsOf } from '#test/builders/routes.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { checkedInDocument, type Found, Operations } from '#test/conformance/document.ts';
import { Validators } from '#test/conformance/validators.ts';
import { seedOfRun } from '#test/e2e/world/random.ts';
import { apply, type Bend, bodyBends } from '../fuzz/bends.ts';
import { type Schema, SchemaValues } from '../fuzz/schema-values.ts';

const document = checkedInDocument();
const operations = new Operations(document);
const validators = new Validators(document);
const values = new SchemaValues(document.components.schemas, {});

/** A route of people or automation with the schemas that check its requests. */
interface Checked {
  readonly name: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
}

describe('the OpenAPI document and the schemas that check requests (V2)', () => {
  let vault: TestVault;
  let routes: readonly Checked[];
  beforeAll(async () => {
    vault = await startTestVault();
    routes = appsOf(vault.context).flatMap(({ openAPIRegistry }) =>
      openAPIRegistry.definitions.flatMap((definition) => {
        if (definition.type !== 'route') return [];
        const { method, path, request } = definition.route;
        const content = Object.values(request?.body?.content ?? {})[0];
        return {
          name: `${method.toUpperCase()} ${path}`,
          params: request?.params,
          query: request?.query,
          body: (content as { schema?: z.ZodType } | undefined)?.schema,
        };
      }),
    );
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  it('each pattern is the source of a regular expression that a schema checks by, and compiles with the flag u', () => {
    const patterns = new Set(patternsIn(document));
    for (const pattern of patterns) expect(() => new RegExp(pattern, 'u'), pattern).not.toThrow();
    const checked = new Map(
      routes
        .flatMap(({ params, query, body }) => [
          ...regexesOf(params, 'out'),
          ...regexesOf(query, 'out'),
          ...regexesOf(body, 'in'),
        ])
        .map((regex) => [regex.source, regex]),
    );
    expect(checked.size).toBeGreaterThan(15);
    expect([...patterns].filter((pattern) => !checked.has(pattern)).sort()).toEqual(BESIDE_SCHEMAS);
    expect([...checked.keys()].filter((source) => !patterns.has(source))).toEqual([]);
    fc.assert(
      fc.property(texts, fc.constantFrom(...checked.values()), (text, regex) => {
        expect(new RegExp(regex.source, 'u').test(text), `${regex}`).toBe(regex.test(text));
      }),
      { numRuns: 5_000, seed },
    );
  });

  it('each operation names the statuses that it refuses by, and none stands for all', () => {
    const listed = Object.entries(document.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, { responses }]) => ({
        name: `${method} ${path}`,
        statuses: Object.keys(responses),
      })),
    );
    expect(listed.length).toBeGreaterThan(150);
    expect(listed.filter(({ statuses }) => statuses.includes('default'))).toEqual([]);
    expect(listed.filter(({ statuses }) => !statuses.some((status) => status >= '400'))).toEqual([]);
    expect(listed.filter(({ statuses }) => !statuses.some((status) => status < '300'))).toEqual([]);
  });

  it('allows {"name":"payments"} for a new project', () => {
    const create = found('POST /api/v1/vaults/{vaultId}/projects');
    expect(validators.faultsOfBody(create, { name: 'payments' })).toEqual([]);
    expect(validators.faultsOfBody(create, { name: 'pay/ments' })).not.toEqual([]);
  });

  it('whatever a route takes as a body, its document allows', () => {
    const taken = new Map<string, number>();
    for (const { name, body } of routes) {
      if (body === undefined) continue;
      const operation = found(name);
      const schema = Object.values(operation.operation.requestBody?.content ?? {})[0]?.schema as Schema;
      fc.assert(
        fc.property(values.of(schema), bodyBends, (value, bends) => {
          const sent = bent(value, bends);
          if (!body.safeParse(sent).success) return;
          taken.set(name, (taken.get(name) ?? 0) + 1);
          expect(validators.faultsOfBody(operation, sent), name).toEqual([]);
        }),
        { numRuns: 200, seed },
      );
    }
    const withBody = routes.filter(({ body }) => body !== undefined).map(({ name }) => name);
    expect(withBody.filter((name) => !taken.has(name))).toEqual([]);
  });

  it('whatever a route takes in its path and query, its document allows', () => {
    const taken = new Set<string>();
    for (const { name, params, query } of routes) {
      const operation = found(name);
      for (const [place, schema] of [
        ['path', params],
        ['query', query],
      ] as const) {
        if (schema === undefined) continue;
        fc.assert(
          fc.property(sentIn(operation, place), (sent) => {
            if (!schema.safeParse(sent).success) return;
            taken.add(`${name} ${place}`);
            expect(validators.faultsOfParameters(operation, place, sent), name).toEqual([]);
          }),
          { numRuns: 100, seed },
        );
      }
    }
    const all = routes.flatMap(({ name, params, query }) => [
      ...(params === undefined ? [] : [`${name} path`]),
      ...(query === undefined ? [] : [`${name} query`]),
    ]);
    expect(all.filter((one) => !taken.has(one))).toEqual([]);
  });
});

const seed = seedOfRun();

/** Patterns that no schema of zod checks: that of a header. */
const BESIDE_SCHEMAS = ['^[\\x21-\\x7e]+$'];

const texts = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom(
    'payments',
    'a b',
    ' a',
    'a/b',
    '/a',
    'é',
    '𝒳',
    '\u2028',
    '\ud800',
    'https://a.example/',
    '',
  ),
  ...[/^[0-9a-f]{64}$/, /^[a-z]{3,5}_[A-Za-z0-9]{16}$/, /^[A-Za-z0-9_-]{1,9}$/].map((regex) =>
    fc.stringMatching(regex),
  ),
);

function found(name: string): Found {
  const [method = '', path = ''] = name.split(' ');
  const one = operations.find(method, path);
  if (one === null) throw new Error(`${name} is not in the document`);
  return one;
}

/** Values for each parameter of a place, as text; now and then of another form, or one more. */
function sentIn({ operation }: Found, place: string): fc.Arbitrary<Record<string, string>> {
  const parameters = (operation.parameters ?? []).filter((one) => 'in' in one && one.in === place);
  const text = (schema: Schema, name: string) =>
    fc.oneof({ arbitrary: values.of(schema, name).map(String), weight: 3 }, { arbitrary: texts, weight: 1 });
  const each = Object.fromEntries(
    parameters.map((one) => {
      const { name, schema } = one as { name: string; schema: Schema };
      return [name, text(schema, name)];
    }),
  );
  return fc.record(each, place === 'query' ? { requiredKeys: [] } : {}) as fc.Arbitrary<
    Record<string, string>
  >;
}

function bent(value: unknown, bends: readonly Bend[]): unknown {
  const parts = {
    method: '',
    target: '',
    headers: [],
    body: structuredClone(value),
    raw: null,
    isSigned: false,
  };
  // zod leaves a key of that name out wherever it stands, and looks no further at it.
  const seen = bends.filter((change) => !('add' in change && change.add === '__proto__'));
  for (const change of seen) apply(parts, change);
  const text = JSON.stringify(parts.body) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
}

function patternsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'pattern' && typeof item === 'string' ? [item] : patternsIn(item),
  );
}

/** Of the texts anywhere in a schema; of what is read as another thing, that end which the document shows. */
function regexesOf(schema: unknown, end: 'in' | 'out', seen = new Set<unknown>()): RegExp[] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  if (schema instanceof RegExp) return [schema];
  if (!('_zod' in schema)) return Object.values(schema).flatMap((value) => regexesOf(value, end, seen));
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return regexesOf(def.type === 'pipe' ? def[end] : def, end, seen);
}
