import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { rulesBeyond, schemaFile, schemaOf, schemaOfAny } from '#api/v1alpha1/json-schemas.ts';
import { KINDS, type Kind } from '#api/v1alpha1/kinds.ts';
import { nameReferences } from '#scripts/name-references.ts';
import { BAD_OBJECTS, BAD_SHAPES } from './bad-objects.ts';
import { FULL_SPECS } from './full-specs.ts';

const root = join(import.meta.dirname, '../../..');
const examples = join(root, 'examples/acme');

function compiled(schema: object): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  return ajv.compile(schema);
}

const objectOf = (kind: Kind, spec: unknown) => ({
  ...{ apiVersion: 'seneschal.dev/v1alpha1', kind },
  ...{ metadata: { name: 'it', namespace: 'acme' }, spec },
});
const any = compiled(schemaOfAny());

describe('the JSON Schemas of the kinds', () => {
  test.each(readdirSync(examples))('take examples/acme/%s, whose first line names its own', (file) => {
    const text = readFileSync(join(examples, file), 'utf8');
    const object = parse(text) as { kind: Kind };
    const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? '';
    expect(join(examples, named)).toBe(join(root, 'schemas', schemaFile(object.kind)));
    const valid = compiled(JSON.parse(readFileSync(join(examples, named), 'utf8')));
    expect([valid(object), valid.errors]).toEqual([true, null]);
    expect([any(object), any.errors]).toEqual([true, null]);
  });

  test.each(KINDS)('take a %s with every field, and refuse one more', (kind) => {
    const valid = compiled(schemaOf(kind));
    expect([valid(objectOf(kind, FULL_SPECS[kind])), valid.errors]).toEqual([true, null]);
    expect(valid(objectOf(kind, { ...FULL_SPECS[kind], colour: 'red' }))).toBe(false);
    expect(valid({ ...objectOf(kind, FULL_SPECS[kind]), colour: 'red' })).toBe(false);
    expect(any(objectOf(kind, { ...FULL_SPECS[kind], colour: 'red' }))).toBe(false);
  });

  test.each(BAD_OBJECTS)(
    'refuse $name, or the README says that no schema can',
    ({ kind, spec, message, path }) => {
      const isRefused = !compiled(schemaOf(kind))(objectOf(kind, spec));
      const isListed = rulesBeyond().some(
        (rule) => rule.kind === kind && (rule.message.includes(message) || within(path, rule.path)),
      );
      expect([isRefused, isListed]).toContain(true);
    },
  );

  test('refuse most of what the API server refuses', () => {
    const bad = [...BAD_OBJECTS, ...BAD_SHAPES];
    const refused = bad.filter(({ kind, spec }) => !compiled(schemaOf(kind))(objectOf(kind, spec)));
    expect(refused.length).toBeGreaterThan(bad.length / 2);
  });

  test('offer the cells of each category, without those that are the owner’s (T4)', () => {
    const { properties } = (schemaOf('PermissionTemplate') as unknown as Shape).properties.spec.properties
      .capabilities;
    expect(properties.Templates.items.enum).toEqual(['View']);
    expect(properties.Secrets.items.enum).toEqual(['View', 'Manage']);
  });

  test('are printed by the command line, of one kind or of all', () => {
    const schema = (...kind: string[]) =>
      JSON.parse(
        execFileSync(process.execPath, ['src/main.ts', 'schema', ...kind], { cwd: root, encoding: 'utf8' }),
      );
    expect(schema('member')).toEqual(JSON.parse(JSON.stringify(schemaOf('Member'))));
    expect(schema()).toEqual(JSON.parse(JSON.stringify(schemaOfAny())));
  });
});

test('kustomize renames the name in every reference of every kind', () => {
  const organization = nameReferences().find(({ kind }) => kind === 'Organization');
  const others = KINDS.filter((kind) => kind !== 'Organization');
  expect(organization?.fieldSpecs.map(({ kind }) => kind)).toEqual(others);
});

interface Shape {
  readonly properties: { readonly spec: { readonly properties: { readonly capabilities: Cells } } };
}
interface Cells {
  readonly properties: Readonly<
    Record<'Templates' | 'Secrets', { readonly items: { readonly enum: string[] } }>
  >;
}

/** Whether a fault at `path` is of what the rule at `rule` is about: `spec.grants.1` of `spec.grants`. */
function within(path: string, rule: string): boolean {
  const plain = path.replaceAll(/\.\d+/g, '');
  return rule !== 'spec' && plain.startsWith(rule.replaceAll('[]', ''));
}
