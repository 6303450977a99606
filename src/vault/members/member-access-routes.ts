/** What people change of a member's access; each field is somebody else's to change (O4, T4). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { access, projectScope } from '../people-api/access-schemas.ts';
import { actAs } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  email,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import {
  setGrantByPerson,
  setRoleByPerson,
  setScopeByPerson,
  setTemplateByPerson,
} from './member-access-acts.ts';

const path = '/api/v1/vaults/{vaultId}/members/{email}';
const done = { 204: { description: 'Done.' }, ...refusals };
const ofMember = z.object({
  vaultId,
  email: email.openapi({ param: { name: 'email', in: 'path' }, example: 'alice@acme.example' }),
});

const setRole = createRoute({
  method: 'put',
  path: `${path}/role`,
  summary: 'Appoint an admin, or make a plain member of one; the owner alone (O4)',
  security: bearer,
  request: {
    params: ofMember,
    body: { required: true, content: json(z.strictObject({ role: z.enum(['Admin', 'Member']) })) },
  },
  responses: done,
});

const setTemplate = createRoute({
  method: 'put',
  path: `${path}/template`,
  summary: 'Give a member a template in place of the one before, or take it away; the owner alone (T1, T4)',
  security: bearer,
  request: {
    params: ofMember,
    body: {
      required: true,
      content: json(
        z.strictObject({
          template: displayedName.nullable(),
          /** Narrows the template's own. */
          projectScope: z.exactOptional(projectScope),
        }),
      ),
    },
  },
  responses: done,
});

const setScope = createRoute({
  method: 'put',
  path: `${path}/scope`,
  summary:
    'Narrow the scope of the template for one member; null: the template’s own; the owner alone (T1, T4)',
  security: bearer,
  request: {
    params: ofMember,
    body: {
      required: true,
      content: json(z.strictObject({ projectScope: projectScope.nullable() })),
    },
  },
  responses: done,
});

const setGrant = createRoute({
  method: 'put',
  path: `${path}/grants/{project}`,
  summary: 'Grant a member a project, in place of the grant before; Write includes Read (G1)',
  security: bearer,
  request: {
    params: ofMember.extend({ project: displayedName.openapi({ param: { name: 'project', in: 'path' } }) }),
    body: { required: true, content: json(z.strictObject({ access })) },
  },
  responses: done,
});

export function memberAccessRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(setRole, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    const { role } = c.req.valid('json');
    const operation = role === 'Admin' ? 'appointAdmin' : 'dismissAdmin';
    await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) =>
      setRoleByPerson(act, email, role),
    );
    return c.body(null, 204);
  });
  app.openapi(setTemplate, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    const { template, projectScope } = c.req.valid('json');
    const operation = template === null ? 'takeTemplate' : 'assignTemplate';
    await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) =>
      setTemplateByPerson(act, email, template, projectScope),
    );
    return c.body(null, 204);
  });
  app.openapi(setScope, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    const { projectScope } = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'changeScope' }, (act) =>
      setScopeByPerson(act, email, projectScope),
    );
    return c.body(null, 204);
  });
  app.openapi(setGrant, async (c) => {
    const { vaultId, email, project } = c.req.valid('param');
    const { access } = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'setGrant' }, (act) =>
      setGrantByPerson(act, email, project, access),
    );
    return c.body(null, 204);
  });
}
