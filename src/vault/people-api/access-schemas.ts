/** What the routes about access share. */
import { z } from '@hono/zod-openapi';
import type { Capabilities } from '#model/capabilities.ts';
import { CATEGORIES, cellsOf } from '#model/capabilities.ts';
import { LATEST_END } from '#model/ends.ts';
import { displayedName } from './people-app.ts';

/** M5: when access ends, in milliseconds since the epoch. */
export const end = z.int().min(0).max(LATEST_END);
/** Left out or null: it has no end. */
export const newEnd = end.nullable().default(null);
export const shownEnd = z.exactOptional(z.int().describe('When it ends (M5); absent: it does not.'));

/** G1. */
export const access = z.enum(['Read', 'Write']);
export const grant = z.object({ project: z.string(), access, expiresAt: shownEnd });

/** All projects, or some by name (T1). */
export const projectScope = z.union([z.literal('All'), z.array(displayedName).max(1000)]);
export const shownScope = z.union([z.literal('All'), z.array(z.string()).readonly()]);

/** Category to cells of it; what the matrix does not have is refused. */
export const capabilities = z.strictObject(
  Object.fromEntries(
    CATEGORIES.map((category) => [
      category,
      z
        .array(z.enum(cellsOf(category) as [string, ...string[]]))
        .max(cellsOf(category).length)
        .optional(),
    ]),
  ),
) as unknown as z.ZodType<Capabilities>;
