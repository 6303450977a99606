/**
 * Random objects of our kinds that fit the structure of the shipped CRDs (types, bounds, choices), so that what an
 * API server thinks of them is up to the CEL rules alone. Values lie near the borders of the rules.
 */
import fc from 'fast-check';
import { GROUP, type Kind, VERSION } from '#api/v1alpha1/kinds.ts';
import { CATEGORIES, CELLS } from '#model/capabilities.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type Schema } from '#scripts/crd.ts';
import { FULL_SPECS } from '#test/unit/api/full-specs.ts';

export interface LooseResource {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: unknown;
}

/** Root schema of a kind, as an API server has it. */
export function schemaOf(kind: Kind): Schema {
  const definition = CUSTOM_RESOURCE_DEFINITIONS.find(({ spec }) => spec.names.kind === kind);
  return definition?.spec.versions[0]?.schema.openAPIV3Schema as Schema;
}

export function arbitraryCustomResource(kind: Kind): fc.Arbitrary<LooseResource> {
  return fc.record({
    apiVersion: fc.constant(`${GROUP}/${VERSION}`),
    kind: fc.constant(kind),
    metadata: fc.record({
      name: fc.constantFrom('it', 'n'.repeat(128), 'n'.repeat(129)),
      namespace: fc.constant('default'),
    }),
    spec: arbitraryOf(schemaOf(kind).properties?.spec as Schema, 'spec'),
  });
}

/** `field` is the name of the property, or of the list or map that the value is in. */
function arbitraryOf(schema: Schema, field: string): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapOf(schema, schema.additionalProperties, field)
        : objectOf(schema);
    case 'array':
      return listOf(schema, field);
    case 'integer':
      return fc
        .oneof(fc.constantFrom(0, 1, 2, 3, 10, 20, 21), fc.nat(30))
        .filter((it) => it >= Number(schema.minimum ?? 0) && it <= Number(schema.maximum ?? 30));
    case 'boolean':
      return fc.boolean();
    default:
      return Array.isArray(schema.enum) ? fc.constantFrom(...schema.enum) : textOf(schema, field);
  }
}

function objectOf({ properties = {}, required }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = arbitraryOf(schema, name);
    const isRequired = (required as string[] | undefined)?.includes(name) === true;
    // More often there than not: what is deep in the object must be met too.
    return isRequired ? value : fc.option(value, { nil: undefined, freq: 4 });
  });
  const names = Object.keys(properties);
  return fc
    .tuple(...fields)
    .map((values) =>
      Object.fromEntries(values.flatMap((value, at) => (value === undefined ? [] : [[names[at], value]]))),
    );
}

/** Maps are those of labels and annotations, and that of capabilities: a category to cells, mostly its own. */
function mapOf(schema: Schema, values: Schema, field: string): fc.Arbitrary<unknown> {
  if (values.type === 'string')
    return fc.dictionary(fc.constantFrom('team', 'acme.example/x', 'a b'), textOf(values, field));
  const category = fc.constantFrom(...CATEGORIES, 'Machine', 'secrets', '');
  const entry = category.chain((key) => {
    const cells = CELLS.filter((it) => it.category === key).map(({ cell }) => cell);
    const own = fc.subarray(cells, { minLength: Math.min(1, cells.length) });
    return fc.tuple(fc.constant(key), fc.oneof(own, arbitraryOf(values, field)));
  });
  const maxLength = Math.min(8, Number(schema.maxProperties));
  return fc.array(entry, { maxLength }).map((entries) => Object.fromEntries(entries));
}

function listOf(schema: Schema, field: string): fc.Arbitrary<unknown> {
  const keys = schema['x-kubernetes-list-map-keys'] as string[] | undefined;
  const minLength = Number(schema.minItems ?? 0);
  const items = arbitraryOf(schema.items as Schema, field);
  // A list of type map or set with an item twice is refused before any rule is asked.
  if (schema['x-kubernetes-list-type'] === undefined) return fc.array(items, { minLength, maxLength: 4 });
  const identity = (item: unknown) => JSON.stringify(keys?.map((key) => (item as never)[key]) ?? item);
  return fc.uniqueArray(items, { minLength, maxLength: 4, selector: identity });
}

/** Texts of full specs by the field that they stand in, and some that meet those of other fields. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  ...samplesOf(FULL_SPECS),
  capabilities: [...new Set(CELLS.map(({ cell }) => cell)), 'view', ''],
  secretName: ['a', 'a-next', 'b', 'a-next-next'],
  key: ['a', 'b', 'A_B.c-1'],
  secret: ['a', 'b', 'b c', 'é'],
  rotateEvery: ['720h', '24h', '60m'],
  overlap: ['48h', '24h', '1h'],
  maxOverlap: ['336h', '24h', '59m'],
  url: ['https://vault.example', 'http://localhost:8200', 'https://[::1]:1', 'http://vault.example'],
};

function samplesOf(
  value: unknown,
  field = '',
  into: Record<string, string[]> = {},
): Record<string, string[]> {
  if (typeof value === 'string') into[field] = [...(into[field] ?? []), value];
  else if (Array.isArray(value)) for (const item of value) samplesOf(item, field, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) samplesOf(inner, name, into);
  }
  return into;
}

/** Characters that patterns tell apart, and some that only look as if. */
const CHARACTERS = [...' /@-._:[]aZ09é\t\n\0', '\u00a0', '\u2028', '\u200b', '\u0085', '😀', 'ß', '\u212a'];

/** Times that there are: others the API server refuses by the format, before any rule is asked. */
const TIMES = fc.constantFrom('2027-01-31T18:00:00Z', '2028-02-29T00:00:00+02:00', '1999-12-31T23:59:59Z');

function textOf(schema: Schema, field: string): fc.Arbitrary<string> {
  if (schema.format === 'date-time') return TIMES;
  const sample = fc.constantFrom(...(SAMPLES[field] ?? ['a', 'b']));
  const changed = fc
    .record({ sample, at: fc.nat(1000), remove: fc.nat(1), add: fc.constantFrom('', ...CHARACTERS) })
    .map(({ sample: text, at, remove, add }) => {
      const characters = [...text];
      characters.splice(at % (characters.length + 1), remove, add);
      return characters.join('');
    });
  // All that is white space or control lies below; fast-check's own unit for any character takes two seconds to set up.
  const any = fc.array(fc.nat(0x30ff), { maxLength: 6 }).map((points) => String.fromCodePoint(...points));
  const pattern = typeof schema.pattern === 'string' ? new RegExp(schema.pattern, 'u') : /^/;
  return fc
    .oneof(
      { arbitrary: sample, weight: 14 },
      { arbitrary: changed, weight: 3 },
      { arbitrary: any, weight: 1 },
    )
    .filter(
      (text) =>
        [...text].length >= Number(schema.minLength ?? 0) &&
        text.length <= Number(schema.maxLength ?? 1000) &&
        pattern.test(text),
    );
}
