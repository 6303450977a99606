import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { projectsWith } from '../people-api/visible-projects.ts';
import {
  contentOf,
  projectPath,
  SECRET_PATH,
  secretContent,
  secretPath,
  storedVersion,
} from './secret-content.ts';
import { createByPerson, listSecrets, setByPerson } from './secret-values.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/secrets',
  summary: 'Secrets of the projects that I may see: metadata, never values (V8)',
  security: bearer,
  request: { params: z.object({ vaultId }), query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by project and name.',
      content: json(
        z.object({
          secrets: z.array(
            z.object({
              id: z.string(),
              project: z.string(),
              name: z.string(),
              version: z.int(),
              fieldNames: z.array(z.string()).readonly().nullable(),
            }),
          ),
          next,
        }),
      ),
    },
    ...refusals,
  },
});

const set = createRoute({
  method: 'put',
  path: SECRET_PATH,
  summary:
    'Set the value of a secret, plain or by fields, given or generated; makes the secret where there is none (V8)',
  security: bearer,
  request: {
    params: secretPath,
    body: { required: true, content: json(secretContent) },
  },
  responses: { 200: { description: 'Stored.', content: json(storedVersion) }, ...refusals },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets',
  summary: 'Make a secret; refused where there is one of that name (V8)',
  security: bearer,
  request: {
    params: projectPath,
    body: {
      required: true,
      content: json(z.strictObject({ name: displayedName, content: secretContent })),
    },
  },
  responses: { 201: { description: 'Made.', content: json(storedVersion) }, ...refusals },
});

export function secretRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { access } = await authorized(context.reader, session, vaultId, 'listSecrets');
    const projects = projectsWith(access, 'Secrets: View');
    return c.json(await listSecrets(context.reader, vaultId, projects, c.req.valid('query')), 200);
  });
  app.openapi(set, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    const { content, origin } = contentOf(c.req.valid('json'));
    const stored = await actAs(context, session, { vaultId, operation: 'setSecret', project }, (act) =>
      setByPerson(act, project, name, content, origin),
    );
    return c.json(stored, 200);
  });
  app.openapi(create, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project } = c.req.valid('param');
    const { name, content: body } = c.req.valid('json');
    const { content, origin } = contentOf(body);
    const stored = await actAs(context, session, { vaultId, operation: 'setSecret', project }, (act) =>
      createByPerson(act, project, name, content, origin),
    );
    return c.json(stored, 201);
  });
}
