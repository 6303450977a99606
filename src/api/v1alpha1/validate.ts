import { z } from 'zod';
import { closeTo } from '#model/close-to.ts';
import { LONGEST_NAME } from '#model/names.ts';
import { type CustomResource, GROUP, KINDS, type Kind, SPECS, VERSION } from './kinds.ts';

export type Path = readonly (string | number)[];

/** One thing wrong with an object. */
interface Problem {
  readonly code: 'UnknownField' | 'Missing' | 'Invalid';
  /** From the root of the object: `['spec', 'grants', 0, 'access']`. */
  readonly path: Path;
  readonly message: string;
  /** What would have been right; empty where the message says it all. */
  readonly expected: string;
}

export type Parsed =
  | { readonly ok: true; readonly object: CustomResource }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const API_VERSION = `${GROUP}/${VERSION}`;

const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** What `metadata` must be for us; the API server knows more fields, which are left alone. */
const metadata = z.looseObject({
  name: z
    .string()
    .min(1)
    .max(253)
    .regex(DNS_SUBDOMAIN, 'must be a DNS subdomain: lower-case letters, digits, dots, dashes'),
  namespace: z
    .string()
    .min(1)
    .max(63)
    .regex(DNS_LABEL, 'must be a DNS label: lower-case letters, digits, dashes'),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/**
 * An object of one of our kinds out of anything: a parsed file, or what an API server answered. All problems
 * are found at once; the API server with `crds/` refuses the same objects.
 */
export function parseObject(value: unknown): Parsed {
  if (!isRecord(value)) return failed([], 'must be an object', 'apiVersion, kind, metadata, spec');
  if (value.apiVersion !== API_VERSION) {
    return failed(['apiVersion'], 'is not a version that this program knows', API_VERSION);
  }
  const kind = value.kind;
  if (!isKind(kind)) return failed(['kind'], `there is no such kind in ${GROUP}`, KINDS.join(', '));

  const result = envelopeOf(kind).safeParse(value, { reportInput: true });
  const problems = result.success ? [] : result.error.issues.flatMap((issue) => problemsOf(kind, issue));
  problems.push(...nameProblems(kind, value));
  if (problems.length > 0) return { ok: false, problems };
  const read = (result.data as { readonly spec: unknown } | undefined)?.spec;
  if (isRecord(value.spec)) readSpecs.set(value.spec, read);
  return { ok: true, object: value as unknown as CustomResource };
}

const readSpecs = new WeakMap<object, unknown>();

/** The spec of an object that `parseObject` let pass, as its schema reads it; undefined: it was not asked. */
export function readSpec(raw: object): unknown {
  return readSpecs.get(raw);
}

const envelopes = new Map<Kind, z.ZodType>();

/** Made once a kind: zod compiles each schema that it is given, at its first object. */
function envelopeOf(kind: Kind): z.ZodType {
  let envelope = envelopes.get(kind);
  if (envelope === undefined) {
    envelope = z.strictObject({
      apiVersion: z.string(),
      kind: z.string(),
      metadata,
      spec: SPECS[kind] as z.ZodType,
      status: z.unknown().optional(),
    });
    envelopes.set(kind, envelope);
  }
  return envelope;
}

/** Kinds whose name in the vault is `spec.name`, else `metadata.name`. */
export const NAMED_IN_VAULT: readonly Kind[] = ['Group', 'PermissionTemplate', 'Project'];
export const NAME_LIMIT = LONGEST_NAME;
export const NAME_RULE = `metadata.name is too long for a name in the vault (${NAME_LIMIT} characters); give spec.name`;

function nameProblems(kind: Kind, value: Record<string, unknown>): Problem[] {
  const { metadata: meta, spec } = value;
  if (!NAMED_IN_VAULT.includes(kind) || !isRecord(meta) || !isRecord(spec)) return [];
  if (spec.name !== undefined || String(meta.name).length <= NAME_LIMIT) return [];
  return [invalid(['spec'], NAME_RULE, '')];
}

/** `spec.grants[0].access`, as `kubectl` writes it. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `['${part}']`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** The fields that an object of the kind has at a path: for whoever mistyped one. */
function fieldsAt(kind: Kind, path: Path): string[] {
  if (path[0] !== 'spec') return path.length === 0 ? ['apiVersion', 'kind', 'metadata', 'spec'] : [];
  let schema: unknown = SPECS[kind];
  for (const part of path.slice(1)) {
    const inner = withoutWrapping(schema);
    if (typeof part === 'number' && inner instanceof z.ZodArray) schema = inner.element;
    else if (inner instanceof z.ZodObject) schema = (inner.shape as Record<string, unknown>)[part];
    else return [];
  }
  const found = withoutWrapping(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function withoutWrapping(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? withoutWrapping(schema.unwrap()) : schema;
}

function problemsOf(kind: Kind, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        code: 'UnknownField',
        path: [...path, key],
        message: 'there is no such field',
        expected: closeTo(key, fieldsAt(kind, path)) ?? '',
      }));
    case 'invalid_type': {
      const expected = typeName(issue.expected);
      return issue.input === undefined
        ? [{ code: 'Missing', path, message: 'is missing', expected }]
        : [invalid(path, `is ${nameOf(issue.input)}`, expected)];
    }
    case 'invalid_value': {
      const expected = issue.values.map(String).join(', ');
      return issue.input === undefined
        ? [{ code: 'Missing', path, message: 'is missing', expected }]
        : [invalid(path, 'is not one of the choices', expected)];
    }
    case 'too_big':
      return [invalid(path, 'is too large', `at most ${issue.maximum}${unitOf(issue.origin)}`)];
    case 'too_small':
      return [invalid(path, 'is too small', `at least ${issue.minimum}${unitOf(issue.origin)}`)];
    default:
      return [invalid(path, issue.message, '')];
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' ? ' items' : '';
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'an object';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'true or false (quote it, if it is a text)' : 'a text';
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    string: 'a text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return names[expected] ?? expected;
}

function invalid(path: Path, message: string, expected: string): Problem {
  return { code: 'Invalid', path, message, expected };
}

function failed(path: Path, message: string, expected: string): Parsed {
  return { ok: false, problems: [invalid(path, message, expected)] };
}

function isKind(value: unknown): value is Kind {
  return typeof value === 'string' && (KINDS as readonly string[]).includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
