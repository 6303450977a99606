/** The trash of a vault, guarded by its cells. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import { checkConfirmed } from '../people-api/confirmed-name.ts';
import {
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { listTrash, purge, restore } from './trash.ts';

const path = '/api/v1/vaults/{vaultId}/trash';
const inTrash = z.object({
  vaultId,
  id: z
    .string()
    .regex(/^(?:sk|proj)_[A-Za-z0-9]{10}$/)
    .openapi({ param: { name: 'id', in: 'path' } }),
});

const list = createRoute({
  method: 'get',
  path,
  summary: 'Secrets and projects in the trash, each for 30 days',
  security: bearer,
  request: { params: z.object({ vaultId }), query: pageQuery },
  responses: {
    200: {
      description: 'Newest first; what went with its project is in the item of the project.',
      content: json(
        z.object({
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
        }),
      ),
    },
    ...refusals,
  },
});

const bringBack = createRoute({
  method: 'post',
  path: `${path}/{id}/restore`,
  summary:
    'Restore a secret, or a project with the secrets that went with it, under another name if one is given, by who may rename it; grants are given anew (H1)',
  security: bearer,
  request: {
    params: inTrash,
    body: { required: true, content: json(z.strictObject({ name: displayedName.optional() })) },
  },
  responses: {
    200: { description: 'Restored.', content: json(z.object({ id: z.string(), name: z.string() })) },
    ...refusals,
  },
});

const destroy = createRoute({
  method: 'delete',
  path: `${path}/{id}`,
  summary: 'Destroy what is in the trash, with its versions and keys; `confirm` is its name',
  security: bearer,
  request: { params: inTrash, query: z.object({ confirm: z.string().max(128).optional() }) },
  responses: { 204: { description: 'Gone.' }, ...refusals },
});

export function trashRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewTrash');
    return c.json(await listTrash(context.reader, vaultId, c.req.valid('query')), 200);
  });
  app.openapi(bringBack, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, id } = c.req.valid('param');
    const { name = null } = c.req.valid('json');
    const restored = await actAs(context, session, { vaultId, operation: 'restore' }, (act) =>
      restore(act, id, name, ({ kind, project }) =>
        // A project in the trash is in no scope but that of all projects.
        kind === 'Secret'
          ? authorized(act.db, session, vaultId, 'setSecret', project)
          : authorized(act.db, session, vaultId, 'editProject'),
      ),
    );
    return c.json(restored, 200);
  });
  app.openapi(destroy, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, id } = c.req.valid('param');
    const { confirm } = c.req.valid('query');
    await actAs(context, session, { vaultId, operation: 'purge' }, (act) =>
      purge(act, id, (name) => checkConfirmed(confirm, name)),
    );
    return c.body(null, 204);
  });
}
