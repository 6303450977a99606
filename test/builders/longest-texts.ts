/**
 * Objects of our kinds with one text as long as an API server takes it: every text field of the shipped CRDs, and the
 * annotations that are read. Found by walking the schemas, so that a new field is among them by itself.
 */
import {
  ANNOTATIONS,
  type CustomResource,
  GROUP,
  type Kind,
  type ObjectMeta,
  SPECS,
  VERSION,
} from '#api/v1alpha1/kinds.ts';
import type { Schema } from '#scripts/crd.ts';
import { FULL_SPECS } from '#test/unit/api/full-specs.ts';
import { schemaOf } from './arbitrary-custom-resource.ts';
import { NAMESPACE } from './organization.ts';

export interface LongText {
  /** `spec.grants.0.project`, `annotation seneschal.dev/commit`. */
  readonly field: string;
  readonly object: CustomResource;
}

type Path = readonly (string | number)[];

/** Bytes of all annotations of an object, keys included. */
const ANNOTATIONS_LIMIT = 256 * 1024;
const READ = [...Object.values(ANNOTATIONS), 'argocd.argoproj.io/tracking-id', 'example.org/note'];

/** Every object is another one: names and addresses are told apart. */
export function longTexts(kind: Kind): LongText[] {
  const spec = schemaOf(kind).properties?.spec as Schema;
  const texts = textsOf(spec, baseOf(kind, 0), ['spec']);
  const made = texts
    .flatMap(({ path, schema, sample }) => longest(kind, path.slice(1), schema, sample))
    .map(({ path, text }, at) => ({
      field: `spec.${path.join('.')} (${shown(text)})`,
      object: objectOf(kind, at, {}, replaced(baseOf(kind, at), path, text)),
    }));
  const annotated = READ.flatMap((name) => ['x', '😀', '\0'].map((filler) => ({ name, filler }))).map(
    ({ name, filler }, at) => {
      const room = ANNOTATIONS_LIMIT - Buffer.byteLength(name);
      const value = filler.repeat(Math.floor(room / Buffer.byteLength(filler)));
      const index = made.length + at;
      const annotations = { [name]: value };
      return {
        field: `annotation ${name} (${shown(value)})`,
        object: objectOf(kind, index, { annotations }, baseOf(kind, index)),
      };
    },
  );
  const index = made.length + annotated.length;
  const named = {
    field: 'metadata.name',
    object: objectOf(kind, index, { name: 'n'.repeat(253) }, unnamed(kind, index)),
  };
  return [...made, ...annotated, named];
}

function objectOf(kind: Kind, index: number, metadata: Partial<ObjectMeta>, spec: unknown): CustomResource {
  const name = kind === 'Organization' ? 'acme' : `long-${kind.toLowerCase()}-${index}`;
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name, namespace: NAMESPACE, ...metadata },
    spec: spec as CustomResource['spec'],
  };
}

/** A spec in which every field is set. */
function baseOf(kind: Kind, index: number): unknown {
  const spec = structuredClone(FULL_SPECS[kind]) as Record<string, unknown>;
  const own = {
    ...{ Member: 'email', MachineBinding: 'machineName' },
    ...{ Project: 'name', Group: 'name', PermissionTemplate: 'name' },
  };
  const field = own[kind as keyof typeof own];
  if (field !== undefined) spec[field] = `x${index}${spec[field]}`;
  if (kind === 'PermissionTemplate') spec.projectScope = { projects: ['payments'] };
  if (kind === 'Organization') delete spec.suspend;
  return spec;
}

/** Without what would stand in the place of the object's name. */
function unnamed(kind: Kind, index: number): unknown {
  const spec = baseOf(kind, index) as Record<string, unknown>;
  if (kind === 'Organization') delete spec.manager;
  return spec;
}

interface Text {
  readonly path: Path;
  readonly schema: Schema;
  readonly sample: string;
}

/** `beside`: fields that another item of the same list has. */
function textsOf(
  schema: Schema,
  value: unknown,
  path: Path,
  beside: ReadonlySet<string> = new Set(),
): Text[] {
  // A time has one length.
  if (schema.type === 'string')
    return Array.isArray(schema.enum) || schema.format === 'date-time'
      ? []
      : [{ path, schema, sample: String(value) }];
  if (schema.type === 'array') {
    const items = schema.items as Schema;
    const [first, ...others] = value as unknown[];
    const there = new Set(others.flatMap((other) => Object.keys(Object(other) as object)));
    return [...textsOf(items, first, [...path, 0], there), ...textsBeside(items, first, others, path)];
  }
  if (schema.type !== 'object') return [];
  const map = schema.additionalProperties;
  if (typeof map === 'object') {
    const [key = '', inner] = Object.entries(value as object)[0] ?? [];
    return textsOf(map as Schema, inner, [...path, key]);
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const there = (value as Record<string, unknown>)[name];
    if (there === undefined && !UNSET.has(name) && !beside.has(name))
      throw new Error(`full-specs.ts has no ${[...path, name].join('.')}`);
    return there === undefined ? [] : textsOf(inner, there, [...path, name]);
  });
}

/** Of fields that the first item of a list excludes: where another has them. */
function textsBeside(items: Schema, first: unknown, others: readonly unknown[], path: Path): Text[] {
  return Object.entries(items.properties ?? {}).flatMap(([name, inner]) => {
    if ((first as Record<string, unknown>)[name] !== undefined) return [];
    const index = others.findIndex((item) => (item as Record<string, unknown>)[name] !== undefined);
    if (index < 0) return [];
    return textsOf(inner, (others[index] as Record<string, unknown>)[name], [...path, index + 1, name]);
  });
}

/** Fields that stand beside others that exclude them, or say that nothing is done. */
const UNSET = new Set(['group', 'all', 'suspend', 'max', 'min', 'percent', 'people', 'access']);

/** The longest texts that the kind takes there: of the widest characters that it does, and of NUL where it takes that. */
function longest(
  kind: Kind,
  path: Path,
  { maxLength }: Schema,
  sample: string,
): { path: Path; text: string }[] {
  const length = Number(maxLength);
  if (!(length > 0)) throw new Error(`${kind} has a text without a bound at ${path.join('.')}`);
  const filled = (filler: string): string | undefined => {
    const characters = [...sample];
    const missing = length - characters.length;
    for (let at = 0; missing > 0 && at <= characters.length; at++) {
      const text = [...characters.slice(0, at), filler.repeat(missing), ...characters.slice(at)].join('');
      if (SPECS[kind].safeParse(replaced(baseOf(kind, 0), path, text)).success) return text;
    }
    return undefined;
  };
  const widest = ['😀', 'é', 'a', '0'].map(filled).find((text) => text !== undefined) ?? sample;
  return [widest, filled('\0')].filter((text) => text !== undefined).map((text) => ({ path, text }));
}

function replaced(value: unknown, [first, ...rest]: Path, text: string): unknown {
  if (first === undefined) return text;
  const holder = value as Record<string | number, unknown>;
  holder[first] = replaced(holder[first], rest, text);
  return value;
}

function shown(text: string): string {
  const [, second = ''] = [...text.slice(0, 400)].reverse();
  return `${[...text].length} of ${JSON.stringify(second)}`;
}
