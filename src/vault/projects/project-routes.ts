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
import { createProjectByPerson, editProjectByPerson, listProjects } from './project-acts.ts';

const path = '/api/v1/vaults/{vaultId}/projects';
const description = z.string().max(1024);

const list = createRoute({
  method: 'get',
  path,
  summary: 'The projects that I may see (Projects: View)',
  security: bearer,
  request: { params: z.object({ vaultId }), query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by name.',
      content: json(
        z.object({
          projects: z.array(
            z.object({ id: z.string(), name: z.string(), description: z.string(), secrets: z.int() }),
          ),
          next,
        }),
      ),
    },
    ...refusals,
  },
});

const create = createRoute({
  method: 'post',
  path,
  summary: 'Make a project (P2)',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    body: {
      required: true,
      content: json(z.strictObject({ name: displayedName, description: description.default('') })),
    },
  },
  responses: { 201: { description: 'Made.' }, ...refusals },
});

const edit = createRoute({
  method: 'patch',
  path: `${path}/{project}`,
  summary: 'Edit name or description of a project (P2)',
  security: bearer,
  request: {
    params: z.object({
      vaultId,
      project: displayedName.openapi({ param: { name: 'project', in: 'path' }, example: 'Main' }),
    }),
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: z.exactOptional(displayedName),
          description: z.exactOptional(description),
        }),
      ),
    },
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

export function projectRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { access } = await authorized(context.reader, session, vaultId, 'listProjects');
    const names = projectsWith(access, 'Projects: View');
    return c.json(await listProjects(context.reader, vaultId, names, c.req.valid('query')), 200);
  });
  app.openapi(create, async (c) => {
    const { vaultId } = c.req.valid('param');
    const { name, description } = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'createProject' }, (act) =>
      createProjectByPerson(act, name, description),
    );
    return c.body(null, 201);
  });
  app.openapi(edit, async (c) => {
    const { vaultId, project } = c.req.valid('param');
    const fields = c.req.valid('json');
    const asked = { vaultId, operation: 'editProject', project } as const;
    await actAs(context, await signedIn(c, context), asked, (act) =>
      editProjectByPerson(act, project, fields),
    );
    return c.body(null, 204);
  });
}
