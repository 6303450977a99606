import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { sourceOf } from '../http/network.ts';
import { bearer, json, type PeopleApp, refusals, signedIn } from '../people-api/people-app.ts';
import { listSessions, revokeOthers, revokeSession } from './session-list.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/sessions',
  summary: 'My open sessions, newest first',
  security: bearer,
  responses: {
    200: {
      description: 'Times are milliseconds since the epoch, `lastSeenAt` to about five minutes.',
      content: json(
        z.object({
          sessions: z.array(
            z.object({
              id: z.string(),
              createdAt: z.int(),
              lastSeenAt: z.int(),
              expiresAt: z.int(),
              source: z.string(),
              userAgent: z.string(),
              vaultId: z.string().nullable(),
              current: z.boolean(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/{sessionId}',
  summary: 'End one of my sessions',
  security: bearer,
  request: {
    params: z.object({
      sessionId: z
        .string()
        .regex(/^sid_[A-Za-z0-9]{16}$/)
        .openapi({ param: { name: 'sessionId', in: 'path' } }),
    }),
  },
  responses: { 204: { description: 'Its token is worth nothing any more.' }, ...refusals },
});

const revokeRest = createRoute({
  method: 'delete',
  path: '/api/v1/sessions',
  summary: 'End all my sessions but this one',
  security: bearer,
  responses: {
    200: { description: 'How many there were.', content: json(z.object({ ended: z.int() })) },
    ...refusals,
  },
});

/** After the routes of `sessions/current`, which is the id of none. */
export function sessionListRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    return c.json({ sessions: await listSessions(context.reader, session, context.clock.now()) }, 200);
  });
  app.openapi(revoke, async (c) => {
    const session = await signedIn(c, context);
    const source = sourceOf(c.env.incoming, context.network);
    await revokeSession(context, session, c.req.valid('param').sessionId, source);
    return c.body(null, 204);
  });
  app.openapi(revokeRest, async (c) => {
    const session = await signedIn(c, context);
    const source = sourceOf(c.env.incoming, context.network);
    return c.json({ ended: await revokeOthers(context, session, source) }, 200);
  });
}
