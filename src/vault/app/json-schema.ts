/**
 * Schemas as the OpenAPI document has them: zod's own JSON Schema (2020-12, the dialect of OpenAPI 3.1). The generator
 * of @hono/zod-openapi prints regular expressions with their flags, only the first of several, and fields of PATCH
 * that may be left out as required: a client that is made from that sends what the server refuses, or cannot send.
 */
import { z } from 'zod';
import { stepAction } from '#protocol/step-schemas.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What stands once in the document under a name and is referred to: a step, of which six requests have lists, and each
 * kind of it, so that generators have names for what they make of them.
 */
export const NAMED: ReadonlyMap<z.core.$ZodType, string> = new Map<z.core.$ZodType, string>([
  [stepAction, 'StepAction'],
  ...stepAction.options.map((step) => [step, `${step.shape.kind.value}Step`] as const),
]);

/**
 * `request`: what is taken, `answer`: what is given. Answers are open where their schema does not close them: a field
 * that comes with a later version breaks no client.
 * @throws Error where a schema cannot be said in JSON Schema, or a pattern does not mean the same with the flag `u`
 */
export function jsonSchemaOf(schema: z.core.$ZodType, of: 'request' | 'answer'): JsonSchema {
  const { $schema: _, ...printed } = z.toJSONSchema(schema, {
    io: of === 'request' ? 'input' : 'output',
    override: ({ zodSchema, jsonSchema, path }) => {
      const { def } = zodSchema._zod;
      const name = NAMED.get(zodSchema);
      if (name !== undefined && path.length > 0) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        jsonSchema.$ref = `#/components/schemas/${name}`;
        return;
      }
      if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
      // Of the type that TypeScript has of it; on the wire it is an array like others.
      if (def.type === 'readonly') delete jsonSchema.readOnly;
      if (JSON.stringify(jsonSchema.propertyNames) === '{"type":"string"}') delete jsonSchema.propertyNames;
      // What a number of JavaScript can be without loss, which every client's is held to anyway.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (def.type === 'string') checkFlags(zodSchema as z.core.$ZodString);
    },
  });
  return printed;
}

/** JSON Schema reads a pattern with the flag `u` and no other (2020-12 §6.4, ECMA-262). */
function checkFlags({ _zod: { def } }: z.core.$ZodString): void {
  for (const check of def.checks ?? []) {
    const { pattern } = check._zod.def as { pattern?: RegExp };
    if (pattern === undefined) continue;
    if (!['', 'u'].includes(pattern.flags))
      throw new Error(`a pattern has no place for the flags of ${pattern}`);
    // Throws where it does not compile.
    new RegExp(pattern.source, 'u');
  }
}
