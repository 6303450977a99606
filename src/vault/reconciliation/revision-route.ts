import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { etagOf } from '../act/etag.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { OpenPolls } from '../sessions/open-polls.ts';
import { nextRevision } from './revision.ts';

/** In seconds. */
const LONGEST_WAIT = 30;

const count = z.coerce.number().int().min(0);

const follow = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/revision',
  summary:
    'Wait until the vault moves on from a revision; ends at once with the session or the membership (M1)',
  description:
    'The configuration moves `revision`, which is that of the ETag; a new version of a secret moves `secretRevision`, ' +
    'which who may see no secret is not told. At most ten such requests of an account are open at once.',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    query: z.object({
      since: count.openapi({ description: 'The revision that is known; 0 for none.' }),
      secretsSince: count.optional().openapi({ description: 'Left out: as it is now.' }),
      wait: count
        .max(LONGEST_WAIT)
        .default(LONGEST_WAIT)
        .openapi({ description: 'In seconds; 0 answers at once.' }),
    }),
  },
  responses: {
    200: {
      description: 'It moved.',
      content: json(z.object({ epoch: z.string(), revision: z.int(), secretRevision: z.int().nullable() })),
    },
    204: { description: 'Nothing moved. Ask again with the same.' },
    ...refusals,
  },
});

/** `stopping` ends the ones that wait. */
export function revisionRoute(app: PeopleApp, context: VaultContext, stopping: AbortSignal): void {
  const polls = new OpenPolls();
  app.openapi(follow, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { since, secretsSince, wait } = c.req.valid('query');
    const close = polls.open(session.account.id);
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    c.env.outgoing.once('close', leave);
    try {
      const at = await nextRevision(
        context,
        session,
        vaultId,
        { revision: since, secretRevision: secretsSince ?? null },
        { milliseconds: wait * 1000, signal: AbortSignal.any([gone.signal, stopping]) },
      );
      if (at === null) return c.body(null, 204);
      return c.json(at, 200, { etag: etagOf(at) });
    } finally {
      c.env.outgoing.off('close', leave);
      close();
    }
  });
}
