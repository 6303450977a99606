/** Secrets in requests of people: where they are, and the values that come in, given or generated (V8). */
import { z } from '@hono/zod-openapi';
import type { SecretGenerator } from '#model/fields.ts';
import { SecretValue } from '#model/secret-value.ts';
import { reference } from '../people-api/references.ts';
import { fieldsOf, LARGEST_VALUE } from './secret-values.ts';
import { GENERATED, generate, type SecretContent, type VersionOrigin } from './secrets.ts';

/** Parameters of a path. */
export const ofProject = { project: reference('project') };
export const ofSecret = { ...ofProject, name: reference('secret') };

const value = z.string().max(LARGEST_VALUE);
const generator = z.strictObject({
  length: z.int().min(8).max(1024),
  charset: z.enum(['Alphanumeric', 'Hex', 'Ascii']),
}) satisfies z.ZodType<SecretGenerator>;
const field = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9._-]+$/);

export const secretContent = z.union([
  z.strictObject({ value }),
  z.strictObject({ generator }),
  z.strictObject({
    fields: z
      .array(z.union([z.strictObject({ name: field, value }), z.strictObject({ name: field, generator })]))
      .min(1)
      .max(100),
  }),
]);

/** Throws DomainError `Invalid` where a field is named twice. */
export function contentOf(body: z.output<typeof secretContent>): {
  readonly content: SecretContent;
  readonly origin?: VersionOrigin;
} {
  if (!('fields' in body)) return { content: contentIn(body), ...originOf([body]) };
  const content = fieldsOf(body.fields.map((one) => [one.name, contentIn(one)] as const));
  return { content, ...originOf(body.fields) };
}

type GivenContent = { readonly value: string } | { readonly generator: SecretGenerator };

function contentIn(given: GivenContent): SecretValue {
  return 'value' in given ? new SecretValue(given.value) : generate(given.generator);
}

/** Generated where any part of it is. */
function originOf(parts: readonly GivenContent[]): { readonly origin?: VersionOrigin } {
  return parts.some((part) => 'generator' in part) ? { origin: GENERATED } : {};
}
