/** Permission templates (T1 to T4), as the owner keeps them. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { capabilities, projectScope, shownScope } from '../people-api/access-schemas.ts';
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
import {
  archiveTemplateByPerson,
  createTemplateByPerson,
  deleteTemplateByPerson,
  editTemplateByPerson,
  listTemplates,
  unarchiveTemplateByPerson,
} from './template-acts.ts';

const path = '/api/v1/vaults/{vaultId}/templates';
const done = { 204: { description: 'Done.' }, ...refusals };
const name = displayedName.openapi({ param: { name: 'name', in: 'path' }, example: 'developers' });
const inVault = z.object({ vaultId });
const ofTemplate = z.object({ vaultId, name });
const description = z.string().max(1024);

const shown = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  capabilities: z.record(z.string(), z.array(z.string()).readonly()),
  projectScope: shownScope,
  archived: z.boolean(),
});
const kept = { description: 'As it is kept.', content: json(shown) };

const list = createRoute({
  method: 'get',
  path,
  summary: 'Permission templates, and how many members hold each',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'Sorted by name.',
      content: json(z.object({ templates: z.array(shown.extend({ holders: z.int() })) })),
    },
    ...refusals,
  },
});

const create = createRoute({
  method: 'post',
  path,
  summary: 'Make a template; the cells that are the owner’s alone are left out (T1, T4)',
  security: bearer,
  request: {
    params: inVault,
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: displayedName,
          description: description.default(''),
          capabilities,
          projectScope: projectScope.default('All'),
        }),
      ),
    },
  },
  responses: { 201: kept, ...refusals },
});

const edit = createRoute({
  method: 'patch',
  path: `${path}/{name}`,
  summary: 'Edit a template; it acts on the next request of its holders (T2)',
  security: bearer,
  request: {
    params: ofTemplate,
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: z.exactOptional(displayedName),
          description: z.exactOptional(description),
          capabilities: z.exactOptional(capabilities),
          projectScope: z.exactOptional(projectScope),
        }),
      ),
    },
  },
  responses: { 200: kept, ...refusals },
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{name}`,
  summary: 'Delete a template that nobody holds',
  security: bearer,
  request: { params: ofTemplate },
  responses: done,
});

const archive = createRoute({
  method: 'post',
  path: `${path}/{name}/archive`,
  summary: 'Archive a template: who holds it keeps it, nobody new is given it',
  security: bearer,
  request: { params: ofTemplate },
  responses: done,
});

const unarchive = createRoute({
  method: 'post',
  path: `${path}/{name}/unarchive`,
  summary: 'Take a template out of the archive',
  security: bearer,
  request: { params: ofTemplate },
  responses: done,
});

export function templateRoutes(app: PeopleApp, context: VaultContext): void {
  const operation = 'changeTemplate';
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewTemplates');
    const templates = await listTemplates(context.reader, vaultId);
    return c.json({ templates: templates.map((one) => ({ ...one, ...plain(one) })) }, 200);
  });
  app.openapi(create, async (c) => {
    const { vaultId } = c.req.valid('param');
    const { name, ...fields } = c.req.valid('json');
    const session = await signedIn(c, context);
    const made = await actAs(context, session, { vaultId, operation }, (act) =>
      createTemplateByPerson(act, name, fields),
    );
    return c.json({ ...made, ...plain(made) }, 201);
  });
  app.openapi(edit, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const fields = c.req.valid('json');
    const session = await signedIn(c, context);
    const edited = await actAs(context, session, { vaultId, operation }, (act) =>
      editTemplateByPerson(act, name, fields),
    );
    return c.json({ ...edited, ...plain(edited) }, 200);
  });
  for (const [route, operation, work] of [
    [remove, 'cutTemplate', deleteTemplateByPerson],
    [archive, 'cutTemplate', archiveTemplateByPerson],
    [unarchive, 'changeTemplate', unarchiveTemplateByPerson],
  ] as const) {
    app.openapi(route, async (c) => {
      const { vaultId, name } = c.req.valid('param');
      await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) => work(act, name));
      return c.body(null, 204);
    });
  }
}

/** The compiler sees a category that is absent as one that may be undefined. */
function plain({ capabilities }: { readonly capabilities: object }): {
  readonly capabilities: Record<string, readonly string[]>;
} {
  return { capabilities: { ...capabilities } };
}
