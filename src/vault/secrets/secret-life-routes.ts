/** What people do with a secret after its first value, its values aside (V8, P2, P3). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
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
import { trashProject } from '../projects/project-deletion.ts';
import { renameSecret } from './rename.ts';
import { projectPath, SECRET_PATH, secretPath, storedVersion } from './secret-content.ts';
import { trashSecret } from './secret-deletion.ts';
import { unsealed } from './secret-values.ts';
import { storageOf } from './storage.ts';
import { listVersions, rollBack } from './versions.ts';

const confirmed = z.object({ confirm: z.string().max(128).optional() });

const versions = createRoute({
  method: 'get',
  path: `${SECRET_PATH}/versions`,
  summary: 'Versions of a secret: metadata, never values (V8)',
  security: bearer,
  request: { params: secretPath },
  responses: {
    200: {
      description: 'Newest first.',
      content: json(
        z.object({
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
        }),
      ),
    },
    ...refusals,
  },
});

const rollback = createRoute({
  method: 'post',
  path: `${SECRET_PATH}/rollback`,
  summary: 'Make the value of an older version the next version, so that machines notice (V8)',
  security: bearer,
  request: {
    params: secretPath,
    body: { required: true, content: json(z.strictObject({ version: z.int().min(1) })) },
  },
  responses: { 200: { description: 'Stored.', content: json(storedVersion) }, ...refusals },
});

const rename = createRoute({
  method: 'patch',
  path: SECRET_PATH,
  summary: 'Rename a secret; refused where Git declares it by its name',
  security: bearer,
  request: {
    params: secretPath,
    body: { required: true, content: json(z.strictObject({ name: displayedName })) },
  },
  responses: { 204: { description: 'Renamed.' }, ...refusals },
});

const remove = createRoute({
  method: 'delete',
  path: SECRET_PATH,
  summary: 'Put a secret into the trash for 30 days; `confirm` is its name (V8)',
  security: bearer,
  request: { params: secretPath, query: confirmed },
  responses: { 204: { description: 'In the trash; machines have lost it.' }, ...refusals },
});

const removeProject = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/projects/{project}',
  summary: 'Put a project with its secrets into the trash for 30 days; `confirm` is its name (P2)',
  security: bearer,
  request: { params: projectPath, query: confirmed },
  responses: { 204: { description: 'In the trash; people and machines have lost it.' }, ...refusals },
});

const storage = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/storage',
  summary: 'Bytes that versions of secrets take, and the cap of the plan (P3)',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: {
    200: {
      description: 'As it is now; the trash counts until it is purged.',
      content: json(
        z.object({
          plan: z.string(),
          used: z.int(),
          cap: z.int().nullable(),
          inTrash: z.int(),
          versions: z.int(),
          billingUrl: z.string(),
        }),
      ),
    },
    ...refusals,
  },
});

export function secretLifeRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(versions, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'listVersions', project);
    return c.json({ versions: await listVersions(context.reader, vaultId, project, name) }, 200);
  });
  app.openapi(rollback, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    const { version } = c.req.valid('json');
    const stored = await actAs(context, session, { vaultId, operation: 'setSecret', project }, (act) =>
      unsealed(() => rollBack(act, project, name, version)),
    );
    return c.json(stored, 200);
  });
  app.openapi(rename, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    const to = c.req.valid('json').name;
    await actAs(context, session, { vaultId, operation: 'setSecret', project }, (act) =>
      renameSecret(act, project, name, to),
    );
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    const { confirm } = c.req.valid('query');
    await actAs(context, session, { vaultId, operation: 'deleteSecret', project }, async (act) => {
      checkConfirmed(confirm, name);
      await trashSecret(act, project, name);
    });
    return c.body(null, 204);
  });
  app.openapi(removeProject, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project } = c.req.valid('param');
    const { confirm } = c.req.valid('query');
    await actAs(context, session, { vaultId, operation: 'deleteProject', project }, async (act) => {
      checkConfirmed(confirm, project);
      await trashProject(act, project);
    });
    return c.body(null, 204);
  });
  app.openapi(storage, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewStorage');
    return c.json(await storageOf(context, vaultId), 200);
  });
}
