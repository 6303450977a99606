/** What the routes about access share. */
import { z } from '@hono/zod-openapi';
import type { Capabilities } from '#model/capabilities.ts';
import { CATEGORIES, cellsOf } from '#model/capabilities.ts';
import { displayedName } from './people-app.ts';

/** G1. */
export const access = z.enum(['Read', 'Write']);
export const grant = z.object({ project: z.string(), access });

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
