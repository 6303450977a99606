/** What people cut, and whether that is final (rail 7). */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { listCuts } from './cut-list.ts';
import { MAKING, setFinal } from './final-cuts.ts';

/** The audit entry that `reinstate` names in Git. */
const ofCut = { entry: z.string().regex(/^aud_[A-Za-z0-9]{1,60}$/) };

const listed = z.object({
  cuts: z.array(
    z.object({
      entry: z.string(),
      kind: z.string(),
      key: z.string(),
      act: z.string(),
      item: z.string().nullable(),
      actor: z.string(),
      at: z.int(),
      final: z.boolean(),
    }),
  ),
  next,
});

export function cutRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/cuts',
    summary: 'What people took away and nobody gave back, and which of it is final (rail 7)',
    operation: 'listCuts',
    query: pageQuery,
    answer: { description: 'Newest first.', schema: listed },
    run: ({ vaultId, query }) => listCuts(context.reader, vaultId, query),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/cuts/{entry}/final',
    summary:
      'Make what was cut under an audit entry final: neither `reinstate` nor an approval gives it back (rail 7); takes what such a cut takes',
    operation: 'finalizeCut',
    also: MAKING,
    params: ofCut,
    refuses: [404],
    act: (act, { params, requireAlso }) => setFinal(act, requireAlso, params.entry, true),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/cuts/{entry}/final',
    summary: 'Let `reinstate` answer a final cut again (rail 7); takes what such a cut takes, too',
    operation: 'liftCut',
    also: MAKING,
    params: ofCut,
    refuses: [404],
    act: (act, { params, requireAlso }) => setFinal(act, requireAlso, params.entry, false),
  });
}
