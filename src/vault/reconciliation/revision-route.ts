import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { etagOf } from '../act/etag.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { OpenPolls } from '../sessions/open-polls.ts';
import { nextRevision } from './revision.ts';

/** In seconds. */
const LONGEST_WAIT = 30;

const count = z.coerce.number().int().min(0);

const revisionQuery = z.object({
  since: count.openapi({ description: 'The revision that is known; 0 for none.' }),
  secretsSince: count.optional().openapi({ description: 'Left out: as it is now.' }),
  wait: count
    .max(LONGEST_WAIT)
    .default(LONGEST_WAIT)
    .openapi({ description: 'In seconds; 0 answers at once.' }),
});

const moved = z.object({ epoch: z.string(), revision: z.int(), secretRevision: z.int().nullable() });

/** `stopping` ends the ones that wait. */
export function revisionRoute(app: PeopleApp, context: VaultContext, stopping: AbortSignal): void {
  const polls = new OpenPolls();

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/revision',
    summary:
      'Wait until the vault moves on from a revision; ends at once with the session or the membership (M1)',
    description:
      'The configuration moves `revision`, which is that of the ETag; a new version of a secret moves `secretRevision`, ' +
      'which who may see no secret is not told. At most ten such requests of an account are open at once.',
    operation: 'followVault',
    query: revisionQuery,
    answer: {
      description: 'It moved.',
      schema: moved,
      or: { status: 204, description: 'Nothing moved. Ask again with the same.' },
    },
    async run({ c, query, ...call }) {
      const close = polls.open(call.session.account.id);
      const gone = new AbortController();
      const leave = (): void => gone.abort();
      c.env.outgoing.once('close', leave);
      try {
        const at = await nextRevision(
          context,
          call,
          { revision: query.since, secretRevision: query.secretsSince ?? null },
          { milliseconds: query.wait * 1000, signal: AbortSignal.any([gone.signal, stopping]) },
        );
        if (at === null) return c.body(null, 204);
        c.header('etag', etagOf(at));
        return at;
      } finally {
        c.env.outgoing.off('close', leave);
        close();
      }
    },
  });
}
