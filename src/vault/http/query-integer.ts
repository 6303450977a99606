/** Whole numbers of a query: digits and nothing that `Number` would also make a number of (nothing, space, 0x10, 1e2). */
import { z } from '@hono/zod-openapi';

/** Both ends included. The OpenAPI document has it as an integer. */
export function queryInteger(minimum: number, maximum = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));
}
