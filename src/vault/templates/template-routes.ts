/** Permission templates (T1 to T4), as the owner keeps them. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { capabilities, projectScope, shownScope } from '../people-api/access-schemas.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { reference, segment } from '../people-api/references.ts';
import {
  archiveTemplateByPerson,
  createTemplateByPerson,
  deleteTemplateByPerson,
  editTemplateByPerson,
  listTemplates,
  removeCellByPerson,
  unarchiveTemplateByPerson,
} from './template-acts.ts';

const ofTemplate = { name: reference('template', 'developers') };
const description = z.string().max(1024);

const newTemplate = z.strictObject({
  name: displayedName,
  description: description.default(''),
  capabilities,
  projectScope: projectScope.default('All'),
});

const templateEdit = z.strictObject({
  name: z.exactOptional(displayedName),
  description: z.exactOptional(description),
  capabilities: z.exactOptional(capabilities),
  projectScope: z.exactOptional(projectScope),
});

const shown = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  capabilities: z.record(z.string(), z.array(z.string()).readonly()),
  projectScope: shownScope,
  archived: z.boolean(),
});

export function templateRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/templates',
    summary: 'Permission templates, and how many members hold each',
    operation: 'viewTemplates',
    answer: {
      description: 'Sorted by name.',
      schema: z.object({ templates: z.array(shown.extend({ holders: z.int() })) }),
    },
    async run({ vaultId }) {
      const templates = await listTemplates(context.reader, vaultId);
      return { templates: templates.map((one) => ({ ...one, ...plain(one) })) };
    },
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/templates',
    summary: 'Make a template; the cells that are the owner’s alone are left out (T1, T4)',
    operation: 'changeTemplate',
    body: newTemplate,
    answer: { status: 201, description: 'As it is kept.', schema: shown },
    refuses: [404],
    async act(act, { body: { name, ...fields } }) {
      const made = await createTemplateByPerson(act, name, fields);
      return { ...made, ...plain(made) };
    },
  });

  addPeopleRoute(app, context, {
    method: 'patch',
    path: '/api/v1/vaults/{vaultId}/templates/{name}',
    summary: 'Edit a template; it acts on the next request of its holders (T2)',
    operation: 'changeTemplate',
    params: ofTemplate,
    body: templateEdit,
    answer: { description: 'As it is kept.', schema: shown },
    refuses: [404],
    async act(act, { params, body }) {
      const template = await editTemplateByPerson(act, params.name, body);
      return { ...template, ...plain(template) };
    },
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/templates/{name}',
    summary: 'Delete a template that nobody holds',
    operation: 'narrowTemplate',
    params: ofTemplate,
    refuses: [404],
    act: (act, { params }) => deleteTemplateByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/templates/{name}/archive',
    summary: 'Archive a template: who holds it keeps it, nobody new is given it',
    operation: 'narrowTemplate',
    params: ofTemplate,
    refuses: [404],
    act: (act, { params }) => archiveTemplateByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/templates/{name}/unarchive',
    summary: 'Take a template out of the archive',
    operation: 'changeTemplate',
    params: ofTemplate,
    refuses: [404],
    act: (act, { params }) => unarchiveTemplateByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/templates/{name}/cells/{cell}',
    summary: 'Take a cell, `Category: Cell`, out of a template; acts on the next request of its holders (T2)',
    operation: 'narrowTemplate',
    params: { ...ofTemplate, cell: segment('`Category: Cell`.') },
    refuses: [404],
    act: (act, { params }) => removeCellByPerson(act, params.name, params.cell),
  });
}

/** The compiler sees a category that is absent as one that may be undefined. */
function plain({ capabilities }: { readonly capabilities: object }): {
  readonly capabilities: Record<string, readonly string[]>;
} {
  return { capabilities: { ...capabilities } };
}
