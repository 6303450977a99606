/**
 * How the schemas say what JSON Schema cannot: each rule stands here once for both sides, as CEL for the API
 * server and as a check for zod. `scripts/crds.ts` carries the `x-kubernetes-*` keys into `crds/`.
 */
import { z } from 'zod';

/** A rule that crosses fields. Messages say the rule and the next step. */
export interface Rule<T> {
  /**
   * CEL over `self`, and `oldSelf` where the rule is about a change. `null`: too dear for the API server's
   * budget, so that the command line and the operator alone judge it.
   */
  readonly cel: string | null;
  readonly message: string;
  /** Where the fault is, for `kubectl` and for positions in files: `.min`, `.grants`. */
  readonly at?: string;
  /**
   * The same rule for zod: true, false, or the path of what breaks it. `null`: only the API server can tell,
   * because it is about a change.
   */
  readonly holds: ((value: T) => boolean | readonly (string | number)[]) | null;
}

/** The schema with rules on it. Optional texts go on with `.describe()` afterwards. */
export function withRules<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  const expressed = rules.filter(({ cel }) => cel !== null);
  return schema
    .superRefine((value, context) => {
      for (const { message, at, holds } of rules) {
        const found = holds === null ? true : holds(value);
        if (found === true) continue;
        const path = found === false ? (at?.slice(1).split('.') ?? []) : [...found];
        context.addIssue({ code: 'custom', message, path });
      }
    })
    .meta(
      expressed.length === 0
        ? {}
        : {
            'x-kubernetes-validations': expressed.map(({ cel, message, at }) => ({
              rule: cel,
              message,
              ...(at === undefined ? {} : { fieldPath: at }),
            })),
          },
    );
}

/** A string whose pattern comes with the message that a user should see. */
export function matching(pattern: RegExp, message: string, length: { min?: number; max: number }) {
  return z
    .string()
    .min(length.min ?? 0)
    .max(length.max)
    .regex(pattern, message)
    .meta({ 'x-pattern-message': message });
}

/** A list that two people can edit: its items are told apart by `keys` (listType map). */
export function mapList<S extends z.ZodObject>(
  item: S,
  keys: readonly (keyof S['shape'] & string)[],
  max: number,
) {
  return unique(z.array(item).max(max), (value) =>
    JSON.stringify(keys.map((key) => (value as Record<string, unknown>)[key])),
  ).meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  });
}

/** A list whose items no one field tells apart: server-side apply replaces it whole. */
export function atomicList<S extends z.ZodType>(item: S, max: number) {
  return z.array(item).max(max).meta({ 'x-kubernetes-list-type': 'atomic' });
}

/** A list without repetition (listType set). */
export function setList<S extends z.ZodType<string>>(item: S, max: number) {
  return unique(z.array(item).max(max), (value) => String(value)).meta({ 'x-kubernetes-list-type': 'set' });
}

/**
 * An object that is one decision: server-side apply replaces it whole. Without that, a list in it that is emptied
 * becomes null, which the API server prunes from properties and refuses in maps.
 */
export function atomicMap<S extends z.ZodType>(schema: S): S {
  return schema.meta({ ...schema.meta(), 'x-kubernetes-map-type': 'atomic' });
}

function unique<S extends z.ZodArray>(list: S, identity: (value: unknown) => string): S {
  return list.superRefine((values: readonly unknown[], context) => {
    const seen = new Set<string>();
    values.forEach((value, index) => {
      const id = identity(value);
      if (seen.has(id)) {
        context.addIssue({
          code: 'custom',
          message: 'stands in the list already; take one away',
          path: [index],
        });
      }
      seen.add(id);
    });
  });
}

/** A field that cannot change after creation. */
export function immutable<T>(what: string, next: string): Rule<T> {
  return { cel: 'self == oldSelf', message: `${what} cannot change; ${next}`, holds: null };
}
