import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { checkConfirmed, confirmedName } from '../people-api/confirmed-name.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { reference } from '../people-api/references.ts';
import { projectsWith } from '../people-api/visible-projects.ts';
import { createProjectByPerson, editProjectByPerson, listProjects } from './project-acts.ts';
import { trashProject } from './project-deletion.ts';

const ofProject = { project: reference('project', 'Main') };
const description = z.string().max(1024);

const listed = z.object({
  projects: z.array(
    z.object({ id: z.string(), name: z.string(), description: z.string(), secrets: z.int() }),
  ),
  next,
});

export function projectRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/projects',
    summary: 'The projects that I may see (Projects: View)',
    operation: 'listProjects',
    query: pageQuery,
    answer: { description: 'Sorted by name.', schema: listed },
    run: ({ vaultId, caller, query }) =>
      listProjects(context.reader, vaultId, projectsWith(caller.access, 'Projects: View'), query),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/projects',
    summary: 'Make a project (P2)',
    operation: 'createProject',
    body: z.strictObject({ name: displayedName, description: description.default('') }),
    answer: { status: 201, description: 'Made.' },
    act: (act, { body }) => createProjectByPerson(act, body.name, body.description),
  });

  addPeopleRoute(app, context, {
    method: 'patch',
    path: '/api/v1/vaults/{vaultId}/projects/{project}',
    summary: 'Edit name or description of a project (P2)',
    operation: 'editProject',
    project: 'project',
    params: ofProject,
    body: z.strictObject({
      name: z.exactOptional(displayedName),
      description: z.exactOptional(description),
    }),
    refuses: [404],
    act: (act, { params, body }) => editProjectByPerson(act, params.project, body),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/projects/{project}',
    summary: 'Put a project with its secrets into the trash for 30 days; `confirm` is its name (P2)',
    operation: 'deleteProject',
    project: 'project',
    params: ofProject,
    query: confirmedName,
    answer: { description: 'In the trash; people and machines have lost it.' },
    refuses: [404],
    act: (act, { params, query }) => {
      checkConfirmed(query.confirm, params.project);
      return trashProject(act, params.project);
    },
  });
}
