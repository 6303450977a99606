/** What the routes of people share: the session behind a bearer token, and problem documents (RFC 9457). */
import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Problem } from '../../protocol/management.ts';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { type Session, sessionOf } from './sessions.ts';

/** What a fault of the server is told to; never with a body, a header or a value. */
export type FaultSink = (error: unknown) => void;

export interface PeopleEnv {
  Bindings: HttpBindings;
}
export type PeopleApp = OpenAPIHono<PeopleEnv>;

/** An app whose refusals are problem documents. */
export function newPeopleApp(onFault: FaultSink): PeopleApp {
  const app = new OpenAPIHono<PeopleEnv>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      // Of what was sent only the place is named: it may hold a password or a value.
      const places = result.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'body'}: ${message}`,
      );
      return problem(c, { code: 'Invalid', status: 422, detail: places.join('; ') });
    },
  });
  app.onError((error, c) => {
    if (error instanceof DomainError) {
      if (error.retryAfter !== undefined) c.header('retry-after', String(error.retryAfter));
      return problem(c, error);
    }
    onFault(error);
    return problem(c, { code: 'Fault', status: 500, detail: 'The server failed; its log says why.' });
  });
  app.notFound((c) => problem(c, { code: 'NotFound', status: 404, detail: 'There is no such route.' }));
  return app;
}

function problem(
  c: Context,
  refusal: { code: string; status: number; detail: string; next?: string | undefined },
): Response {
  const { code, status, detail, next } = refusal;
  const body: Problem = {
    type: 'about:blank',
    title: code,
    status,
    code,
    detail,
    ...(next === undefined ? {} : { next }),
  };
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
}

/** The session of the request. Throws DomainError `NotSignedIn`. */
export async function signedIn(
  c: Context<PeopleEnv>,
  context: Pick<VaultContext, 'reader' | 'clock'>,
): Promise<Session> {
  const token = /^Bearer (ses_[A-Za-z0-9_-]{43})$/.exec(c.req.header('authorization') ?? '')?.[1];
  const session = token === undefined ? null : await sessionOf(context, token);
  if (session === null) {
    throw new DomainError({
      code: 'NotSignedIn',
      status: 401,
      detail: 'There is no session of that token, or it is over.',
      next: 'Sign in again.',
    });
  }
  return session;
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    next: z.string().optional(),
  })
  .openapi('Problem');

/** What every route may answer instead. */
export const refusals = {
  default: {
    description: 'Refused (RFC 9457); `code` is a constant, `next` the next step.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
};

/** A body of JSON. */
export function json<S extends z.ZodType>(schema: S): { 'application/json': { schema: S } } {
  return { 'application/json': { schema } };
}

export const bearer = [{ session: [] }];

export const vaultId = z
  .string()
  .regex(/^vault_[A-Za-z0-9]{16}$/)
  .openapi({ param: { name: 'vaultId', in: 'path' }, example: 'vault_0123456789abcdef' });

export const email = z.email().max(254);
/** Names as the vault shows them: no slash, no control character, no white space at the ends. */
export const displayedName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Z}\p{Cc}/](?:[^/\p{Cc}]*[^\p{Z}\p{Cc}/])?$/u);
