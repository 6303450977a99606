/**
 * The kinds as JSON Schema (draft 7): for editors, and for checks in pipelines that have no cluster. What only CEL can
 * say is left out and named by `rulesBeyond`.
 */
import { z } from 'zod';
import { CATEGORIES } from '#model/capabilities.ts';
import { GROUP, KINDS, type Kind, SPECS, VERSION } from './kinds.ts';
import { templateCellsOf } from './template-cells.ts';
import { NAME_RULE, NAMED_IN_VAULT } from './validate.ts';

export interface JsonSchema {
  readonly [key: string]: unknown;
}

/** A rule of a kind that crosses fields: the API server, the operator and `seneschal validate` judge it. */
export interface RuleBeyond {
  readonly kind: Kind;
  /** Below the object, `spec.rails.lossBudget.people`; a list is `grants[]`. */
  readonly path: string;
  readonly message: string;
}

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** The file of a kind, named as kubeconform looks it up: `{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`. */
export function schemaFile(kind: Kind): string {
  return `${kind.toLowerCase()}_${VERSION}.json`;
}

/** A whole object of the kind; unknown fields of the spec are refused, as by strict field validation. */
export function schemaOf(kind: Kind): JsonSchema {
  return { $schema: DRAFT, title: kind, ...objectSchema(kind) };
}

/** An object of any kind, told apart by `kind`. */
export function schemaOfAny(): JsonSchema {
  return {
    $schema: DRAFT,
    title: `${GROUP}/${VERSION}`,
    // Each has its own `kind`, by which an editor tells which of them is meant.
    oneOf: KINDS.map(objectSchema),
  };
}

/** What an object may break though it passes the schema, in the order of the kinds. */
export function rulesBeyond(): RuleBeyond[] {
  return KINDS.flatMap((kind) => [
    ...(NAMED_IN_VAULT.includes(kind) ? [{ kind, path: 'spec.name', message: NAME_RULE }] : []),
    ...rulesIn(specSchema(kind))
      .map(({ path, message }) => ({ kind, path: `spec${path}`, message }))
      .filter(({ path }) => path !== CELLS_AT[kind]),
  ]);
}

/** Where kinds have cells by category, for which the schema has the matrix by name. */
const CELLS_AT: { readonly [K in Kind]?: string } = {
  Organization: 'spec.access[].cells',
  PermissionTemplate: 'spec.capabilities',
};

/** The matrix by name, so that an editor offers the cells. The CRD has it as CEL: it would prune a category unseen. */
function withCells(schema: Schema, at: string, path = 'spec'): Schema {
  if (path === at) {
    const { description } = schema;
    const categories = CATEGORIES.map((category) => [
      category,
      { type: 'array', uniqueItems: true, items: { enum: templateCellsOf(category) } },
    ]);
    const properties = Object.fromEntries(categories);
    return { ...{ type: 'object', description }, properties, additionalProperties: false };
  }
  const { properties = {}, items } = schema;
  const inner = Object.entries(properties).map(([name, property]) => [
    name,
    withCells(property, at, `${path}.${name}`),
  ]);
  return {
    ...schema,
    ...(inner.length === 0 ? {} : { properties: Object.fromEntries(inner) }),
    ...(items === undefined ? {} : { items: withCells(items, at, `${path}[]`) }),
  };
}

function objectSchema(kind: Kind): JsonSchema {
  const texts = { type: 'object', additionalProperties: { type: 'string' } };
  return {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: `${GROUP}/${VERSION}` },
      kind: { const: kind },
      metadata: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 253 },
          namespace: { type: 'string', minLength: 1, maxLength: 63 },
          labels: texts,
          annotations: texts,
        },
      },
      spec: withCells(forReaders(specSchema(kind)), CELLS_AT[kind] ?? ''),
      status: { type: 'object' },
    },
    additionalProperties: false,
  };
}

/** With the keys that the API server reads (`x-kubernetes-*`), and unknown fields refused. */
function specSchema(kind: Kind): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(SPECS[kind], { target: 'draft-07', io: 'input' });
  return schema as Schema;
}

interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** Sets as `uniqueItems`; the message of a pattern as editors show it; without the keys of the API server. */
function forReaders(schema: Schema): Schema {
  const { properties, items, additionalProperties, ...rest } = schema;
  const plain = Object.entries(rest).filter(([key]) => !key.startsWith('x-'));
  const message = rest['x-pattern-message'];
  return {
    ...Object.fromEntries(plain),
    ...(message === undefined ? {} : { patternErrorMessage: message }),
    ...(rest['x-kubernetes-list-type'] === 'set' ? { uniqueItems: true } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, it]) => [key, forReaders(it)]),
          ),
        }),
    ...(items === undefined ? {} : { items: forReaders(items) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'object'
              ? forReaders(additionalProperties)
              : additionalProperties,
        }),
  };
}

function rulesIn(schema: Schema, path = ''): { readonly path: string; readonly message: string }[] {
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly { readonly message: string }[];
  const keys = schema['x-kubernetes-list-map-keys'] as readonly string[] | undefined;
  const { properties = {}, items, additionalProperties } = schema;
  return [
    ...rules.map(({ message }) => ({ path, message })),
    ...(keys === undefined ? [] : [{ path, message: `no two items have the same ${keys.join(' and ')}` }]),
    ...Object.entries(properties).flatMap(([key, it]) => rulesIn(it, `${path}.${key}`)),
    ...(items === undefined ? [] : rulesIn(items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? rulesIn(additionalProperties, `${path}.*`) : []),
  ];
}
