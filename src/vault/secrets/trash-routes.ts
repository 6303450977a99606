/** The trash of a vault, guarded by its cells. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { checkConfirmed, confirmedName } from '../people-api/confirmed-name.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { listTrash, purge, restore } from './trash.ts';

const inTrash = { id: z.string().regex(/^(?:sk|proj)_[A-Za-z0-9]{10}$/) };

const listed = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['Secret', 'Project']),
      name: z.string(),
      project: z.string().nullable(),
      secrets: z.int(),
      bytes: z.int(),
      deletedAt: z.int(),
      deletedBy: z.string().nullable(),
      purgedAt: z.int(),
    }),
  ),
  next,
});

export function trashRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/trash',
    summary: 'Secrets and projects in the trash, each for 30 days',
    operation: 'viewTrash',
    query: pageQuery,
    answer: {
      description: 'Newest first; what went with its project is in the item of the project.',
      schema: listed,
    },
    run: ({ vaultId, query }) => listTrash(context.reader, vaultId, query),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/trash/{id}/restore',
    summary:
      'Restore a secret, or a project with the secrets that went with it, under another name if one is given, by who may rename it; grants are given anew (H1)',
    operation: 'restore',
    also: ['setSecret', 'editProject'],
    params: inTrash,
    body: z.strictObject({ name: displayedName.optional() }),
    answer: { description: 'Restored.', schema: z.object({ id: z.string(), name: z.string() }) },
    refuses: [404],
    act: (act, { params, body: { name = null }, requireAlso }) =>
      restore(act, params.id, name, ({ kind, project }) =>
        // A project in the trash is in no scope but that of all projects.
        kind === 'Secret' ? requireAlso(act.db, 'setSecret', project) : requireAlso(act.db, 'editProject'),
      ),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/trash/{id}',
    summary: 'Destroy what is in the trash, with its versions and keys; `confirm` is its name',
    operation: 'purge',
    params: inTrash,
    query: confirmedName,
    answer: { description: 'Gone.' },
    refuses: [404],
    act: (act, { params, query }) => purge(act, params.id, (name) => checkConfirmed(query.confirm, name)),
  });
}
