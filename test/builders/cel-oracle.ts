/**
 * Judges an object by the CEL rules of a CRD, as an API server does, by another implementation of CEL: that of
 * Buf, whose regular expressions are RE2 as in Go, and not those that zod's patterns run on.
 */
import {
  CelScalar,
  type CelValue,
  celEnv,
  celMethod,
  isCelError,
  listType,
  parse,
  plan,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Schema } from '#scripts/crd.ts';

type Path = readonly (string | number)[];

export interface Verdict {
  /** Of the rule in the schema: `spec.targets[].data: [self...`. */
  readonly rule: string;
  readonly message: string;
  /** Of the value that the rule is about, from the root of the object. */
  readonly at: Path;
  /** Where the fault is, from there. */
  readonly fieldPath: string;
  readonly holds: boolean;
}

interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

/**
 * `indexOf` and `lastIndexOf` of lists are the API server's own
 * (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library); CEL has none, nor has the oracle.
 */
const LISTS = listType(CelScalar.DYN);
const kubernetesLists = [
  celMethod('indexOf', LISTS, [CelScalar.DYN], CelScalar.INT, function (item) {
    return BigInt([...(this as Iterable<CelValue>)].indexOf(item));
  }),
  celMethod('lastIndexOf', LISTS, [CelScalar.DYN], CelScalar.INT, function (item) {
    return BigInt([...(this as Iterable<CelValue>)].lastIndexOf(item));
  }),
];
const environment = celEnv({ funcs: [...strings, ...kubernetesLists] });

const planned = new Map<string, ReturnType<typeof plan>>();

/** @throws if the expression gives anything but true or false */
export function judge(expression: string, self: unknown, oldSelf?: unknown): boolean {
  return judgeOf(expression, { self, ...(oldSelf === undefined ? {} : { oldSelf }) });
}

/**
 * The same of an expression over other variables.
 * @throws if the expression gives anything but true or false
 */
export function judgeOf(expression: string, variables: Readonly<Record<string, unknown>>): boolean {
  let evaluate = planned.get(expression);
  if (evaluate === undefined) {
    evaluate = plan(environment, parse(expression));
    planned.set(expression, evaluate);
  }
  const result = evaluate(
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, celOf(value)])),
  );
  if (isCelError(result)) throw result;
  if (typeof result !== 'boolean') throw new Error(`${expression} gave no boolean`);
  return result;
}

export function isAboutChange(expression: string): boolean {
  return expression.includes('oldSelf');
}

/** Every rule of the schema, by the name that verdicts have; those about a change too. */
export function rulesOf(schema: Schema, at = ''): { rule: string; expression: string; message: string }[] {
  const own = ownRules(schema).map(({ rule, message }) => ({
    rule: `${at}: ${rule}`,
    expression: rule,
    message,
  }));
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    rulesOf(property, at === '' ? name : `${at}.${name}`),
  );
  const items = schema.items === undefined ? [] : rulesOf(schema.items, `${at}[]`);
  const values =
    typeof schema.additionalProperties === 'object' ? rulesOf(schema.additionalProperties, `${at}{}`) : [];
  return [...own, ...inner, ...items, ...values];
}

/** The verdict of every rule that is about a state, at every value of the object that it is about. */
export function verdicts(schema: Schema, value: unknown, at: Path = [], named = ''): Verdict[] {
  if (value === undefined) return [];
  const own = ownRules(schema)
    .filter(({ rule }) => !isAboutChange(rule))
    .map(({ rule, message, fieldPath = '' }) => ({
      rule: `${named}: ${rule}`,
      message,
      at,
      fieldPath,
      holds: judge(rule, value),
    }));
  return [
    ...own,
    ...children(schema, value, named).flatMap(([inner, it, part, name]) =>
      verdicts(inner, it, [...at, part], name),
    ),
  ];
}

function children(
  schema: Schema,
  value: unknown,
  named: string,
): [Schema, unknown, string | number, string][] {
  if (Array.isArray(value)) {
    return value.map((item, index) => [schema.items as Schema, item, index, `${named}[]`]);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]): [Schema, unknown, string, string][] => {
    const property = schema.properties?.[name];
    if (property !== undefined) return [[property, inner, name, named === '' ? name : `${named}.${name}`]];
    const values = schema.additionalProperties;
    return typeof values === 'object' ? [[values, inner, name, `${named}{}`]] : [];
  });
}

function ownRules(schema: Schema): Rule[] {
  return (schema['x-kubernetes-validations'] ?? []) as Rule[];
}

/** Objects are maps and numbers are integers: our kinds have no others. */
function celOf(value: unknown): never {
  return convert(value) as never;
}

function convert(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([name, inner]) => [name, convert(inner)]));
}
