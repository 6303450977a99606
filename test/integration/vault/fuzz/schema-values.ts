/** Values that a schema of the OpenAPI document allows. A text `@name` stands for what the vault of the run has of it. */
import fc from 'fast-check';
import { EMAIL } from '#model/names.ts';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** What the vault of a run knows, by the name of the field or parameter that it fits. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

export class SchemaValues {
  readonly #named: Readonly<Record<string, Schema>>;
  readonly #known: Known;

  constructor(named: Readonly<Record<string, Schema>>, known: Known) {
    this.#named = named;
    this.#known = known;
  }

  /** `name` is that of the field or parameter; empty where there is none. */
  of(schema: Schema, name = ''): fc.Arbitrary<unknown> {
    const known = this.#known[name];
    const any = this.#any(schema, name);
    return known === undefined
      ? any
      : fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 6 }, { arbitrary: any, weight: 1 });
  }

  #any(schema: Schema, name: string): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined) return this.of(this.#named[schema.$ref.split('/').pop() ?? ''] ?? {});
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return fc.oneof(...choices.map((one) => this.of(one, name)));
    const types = [schema.type ?? []].flat();
    if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
    return fc.oneof(...types.map((type) => this.#typed(type, schema, name)));
  }

  #typed(type: string, schema: Schema, name: string): fc.Arbitrary<unknown> {
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
      case 'number': {
        const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema;
        return fc.oneof(
          fc.integer({ min: minimum, max: Math.min(maximum, minimum + 100) }),
          fc.constantFrom(minimum, Math.min(maximum, Number.MAX_SAFE_INTEGER)),
        );
      }
      case 'array':
        return fc.array(this.of(schema.items ?? {}, singular(name)), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.max(schema.minItems ?? 0, 3),
        });
      case 'object':
        return this.#object(schema);
      default:
        return text(schema);
    }
  }

  #object({
    properties = {},
    required = [],
    additionalProperties,
    propertyNames,
  }: Schema): fc.Arbitrary<unknown> {
    const declared = fc.record(
      Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, this.of(one, name)])),
      { requiredKeys: required.filter((name) => name in properties) as never[] },
    );
    if (additionalProperties === undefined || typeof additionalProperties === 'boolean') return declared;
    const names = propertyNames?.enum ?? null;
    const key = names === null ? fc.string({ maxLength: 8 }) : fc.constantFrom(...(names as string[]));
    const values = fc.dictionary(key, this.of(additionalProperties), { maxKeys: 3 });
    // Of a record whose keys are known each is there.
    return required.length === 0
      ? values
      : fc.record(Object.fromEntries(required.map((name) => [name, this.of(additionalProperties, name)])));
  }
}

/** `secrets` holds what is called a secret. */
function singular(name: string): string {
  return name.endsWith('s') ? name.slice(0, -1) : name;
}

function text({ pattern, minLength = 0, maxLength = 1024 }: Schema): fc.Arbitrary<string> {
  if (pattern === EMAIL.source) return fc.constantFrom('somebody@acme.example', 'Äsop@acme.example', 'a@b');
  if (pattern !== undefined) {
    const matching = matched(pattern);
    if (matching !== null) return matching;
  }
  const sizes = { minLength, maxLength: Math.min(maxLength, Math.max(minLength, 24)) };
  return fc.oneof(
    { arbitrary: fc.string(sizes), weight: 3 },
    { arbitrary: fc.string({ ...sizes, unit: 'binary' }), weight: 1 },
    { arbitrary: fc.constant('x'.repeat(maxLength)), weight: 1 },
  );
}

function matched(pattern: string): fc.Arbitrary<string> | null {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: 64 });
  } catch {
    // Classes by property of the character are not generated.
    return null;
  }
}
