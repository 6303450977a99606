/** What a person types to prove who they are, as routes take it. */
import { z } from '@hono/zod-openapi';
import { LONGEST_PASSWORD } from '../../sessions/password.ts';

export const password = z.string().min(1).max(LONGEST_PASSWORD);

export const code = z
  .string()
  .min(6)
  .max(32)
  .describe('Six digits of the authenticator app, or a recovery code.');
