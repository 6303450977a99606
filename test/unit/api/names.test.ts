import { describe, expect, test } from 'vitest';
import { KINDS, type Kind } from '#api/v1alpha1/kinds.ts';
import { parseObject } from '#api/v1alpha1/validate.ts';
import { FULL_SPECS } from './full-specs.ts';

/** Texts that name nothing in a vault, by the field that they are in. A new field is a name unless it is put here. */
const NO_NAMES: ReadonlySet<string> = new Set([
  // The organization's own words for itself; no path names an organization by them.
  'manager',
  // Sentences, and users and groups as the API server knows them.
  'description',
  'reason',
  'approver',
  'users',
  'groups',
  // A folder of the container.
  'mountPath',
  // A field of a value, patterns and parts of keys, the text of a template.
  'field',
  'names',
  'removePrefix',
  'prefix',
  'text',
]);

/** Maps of Kubernetes: what stands in them is judged by what shapes targets. */
const NO_NAMES_WITHIN: readonly string[] = ['labels', 'annotations'];

type Leaf = { readonly path: readonly (string | number)[]; readonly field: string };

function leavesOf(value: unknown, field: string, path: Leaf['path'] = []): readonly Leaf[] {
  if (typeof value === 'string') return [{ path, field }];
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, field, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, name, [...path, name]));
}

function withText(value: unknown, [step, ...rest]: Leaf['path'], text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.with(Number(step), withText(value[Number(step)], rest, text));
  const object = value as Record<string, unknown>;
  return { ...object, [step]: withText(object[step], rest, text) };
}

const places = KINDS.flatMap((kind) =>
  leavesOf(FULL_SPECS[kind], '')
    .filter(({ field, path }) => !NO_NAMES.has(field) && !NO_NAMES_WITHIN.some((map) => path.includes(map)))
    .map(({ path }): [string, Kind, Leaf['path']] => [`${kind} ${path.join('.')}`, kind, path]),
);

describe('no field of a custom resource takes what a path would change (V7)', () => {
  test.each(places)('%s', (_, kind, path) => {
    for (const text of ['.', '..', 'a/../b', 'a\\..\\b', 'a/../b@acme.example']) {
      const spec = withText(FULL_SPECS[kind], path, text);
      const metadata = { name: 'it', namespace: 'acme' };
      expect(parseObject({ apiVersion: 'seneschal.dev/v1alpha1', kind, metadata, spec }).ok, text).toBe(
        false,
      );
    }
  });
});
