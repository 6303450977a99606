/** What people do with secrets, whose values come in here and never go out (V8, P2). */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { checkConfirmed, confirmedName } from '../people-api/confirmed-name.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { projectsWith } from '../people-api/visible-projects.ts';
import { renameSecret } from './rename.ts';
import { contentOf, ofProject, ofSecret, secretContent } from './secret-content.ts';
import { trashSecret } from './secret-deletion.ts';
import { createByPerson, listSecrets, setByPerson, unsealed } from './secret-values.ts';
import { listVersions, rollBack } from './versions.ts';

const listed = z.object({
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
});

const storedVersion = z.object({ id: z.string(), version: z.int() });

const listedVersions = z.object({
  versions: z.array(
    z.object({
      version: z.int(),
      isCurrent: z.boolean(),
      createdAt: z.int(),
      createdBy: z.string().nullable(),
      origin: z.enum(['Set', 'Generated', 'Rollback']),
      rolledBackTo: z.int().nullable(),
      fieldNames: z.array(z.string()).readonly().nullable(),
      bytes: z.int(),
    }),
  ),
});

export function secretRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/secrets',
    summary: 'Secrets of the projects that I may see: metadata, never values (V8)',
    operation: 'listSecrets',
    query: pageQuery,
    answer: { description: 'Sorted by project and name.', schema: listed },
    run: ({ vaultId, caller, query }) =>
      listSecrets(context.reader, vaultId, projectsWith(caller.access, 'Secrets: View'), query),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    summary:
      'Set the value of a secret, plain or by fields, given or generated; makes the secret where there is none (V8)',
    operation: 'setSecret',
    project: 'project',
    params: ofSecret,
    body: secretContent,
    answer: { description: 'Stored.', schema: storedVersion },
    refuses: [404, 503],
    run: ({ params: { project, name }, body, acting }) => {
      const { content, origin } = contentOf(body);
      return acting((act) => setByPerson(act, project, name, content, origin));
    },
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets',
    summary: 'Make a secret; refused where there is one of that name (V8)',
    operation: 'setSecret',
    project: 'project',
    params: ofProject,
    body: z.strictObject({ name: displayedName, content: secretContent }),
    answer: { status: 201, description: 'Made.', schema: storedVersion },
    refuses: [404, 503],
    run: ({ params: { project }, body, acting }) => {
      const { content, origin } = contentOf(body.content);
      return acting((act) => createByPerson(act, project, body.name, content, origin));
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/versions',
    summary: 'Versions of a secret: metadata, never values (V8)',
    operation: 'listVersions',
    project: 'project',
    params: ofSecret,
    answer: { description: 'Newest first.', schema: listedVersions },
    refuses: [404],
    run: async ({ vaultId, params: { project, name } }) => ({
      versions: await listVersions(context.reader, vaultId, project, name),
    }),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/rollback',
    summary: 'Make the value of an older version the next version, so that machines notice (V8)',
    operation: 'setSecret',
    project: 'project',
    params: ofSecret,
    body: z.strictObject({ version: z.int().min(1) }),
    answer: { description: 'Stored.', schema: storedVersion },
    refuses: [404, 503],
    act: (act, { params: { project, name }, body }) =>
      unsealed(() => rollBack(act, project, name, body.version)),
  });

  addPeopleRoute(app, context, {
    method: 'patch',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    summary: 'Rename a secret; refused where Git declares it by its name',
    operation: 'setSecret',
    project: 'project',
    params: ofSecret,
    body: z.strictObject({ name: displayedName }),
    answer: { description: 'Renamed.' },
    refuses: [404],
    act: (act, { params: { project, name }, body }) => renameSecret(act, project, name, body.name),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    summary: 'Put a secret into the trash for 30 days; `confirm` is its name (V8)',
    operation: 'deleteSecret',
    project: 'project',
    params: ofSecret,
    query: confirmedName,
    answer: { description: 'In the trash; machines have lost it.' },
    refuses: [404],
    act: (act, { params: { project, name }, query }) => {
      checkConfirmed(query.confirm, name);
      return trashSecret(act, project, name);
    },
  });
}
