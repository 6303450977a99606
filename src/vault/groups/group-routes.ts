/** Groups (G1, G2), as admins keep them (O4). */
import { createRoute, z } from '@hono/zod-openapi';
import type { Act, VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { access, grant } from '../people-api/access-schemas.ts';
import { actAs, authorized } from '../people-api/caller.ts';
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
  addMembersByPerson,
  createGroupByPerson,
  deleteGroupByPerson,
  duplicateGroupByPerson,
  grantToGroupByPerson,
  removeMemberByPerson,
  renameGroupByPerson,
  takeFromGroupByPerson,
} from './group-acts.ts';
import { groupMembers, listGroups } from './group-list.ts';

const path = '/api/v1/vaults/{vaultId}/groups';
const done = { 204: { description: 'Done.' }, ...refusals };
const made = { 201: { description: 'Made.' }, ...refusals };
const name = displayedName.openapi({ param: { name: 'name', in: 'path' }, example: 'Everyone' });
const project = displayedName.openapi({ param: { name: 'project', in: 'path' } });
const inVault = z.object({ vaultId });
const ofGroup = z.object({ vaultId, name });
const named = { required: true, content: json(z.strictObject({ name: displayedName })) } as const;

const list = createRoute({
  method: 'get',
  path,
  summary: 'Groups, how many members each lists and what it gives (G1)',
  security: bearer,
  request: { params: inVault, query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by name.',
      content: json(
        z.object({
          groups: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              members: z.int(),
              grants: z.array(grant).readonly(),
            }),
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
  summary: 'Make a group, where the plan has groups (G2, P3)',
  security: bearer,
  request: { params: inVault, body: named },
  responses: made,
});

const rename = createRoute({
  method: 'patch',
  path: `${path}/{name}`,
  summary: 'Rename a group (G2)',
  security: bearer,
  request: { params: ofGroup, body: named },
  responses: done,
});

const duplicate = createRoute({
  method: 'post',
  path: `${path}/{name}/duplicate`,
  summary: 'Make another group with the same members and grants (G2)',
  security: bearer,
  request: { params: ofGroup, body: named },
  responses: made,
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{name}`,
  summary: 'Delete a group: the access that it gave is gone, its members stay (G2)',
  security: bearer,
  request: { params: ofGroup },
  responses: done,
});

const members = createRoute({
  method: 'get',
  path: `${path}/{name}/members`,
  summary: 'Whom a group lists, invitees among them (G2)',
  security: bearer,
  request: { params: ofGroup, query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by e-mail.',
      content: json(
        z.object({
          members: z.array(
            z.object({ email: z.string(), state: z.enum(['Invited', 'Active', 'Suspended']) }),
          ),
          next,
        }),
      ),
    },
    ...refusals,
  },
});

const add = createRoute({
  method: 'post',
  path: `${path}/{name}/members`,
  summary: 'List members, and invitees before they join; all or none (G2)',
  security: bearer,
  request: {
    params: ofGroup,
    body: { required: true, content: json(z.strictObject({ emails: z.array(email).min(1).max(1000) })) },
  },
  responses: done,
});

const removeMember = createRoute({
  method: 'delete',
  path: `${path}/{name}/members/{email}`,
  summary: 'Take a member off a group; what only the group gave is gone with the next request',
  security: bearer,
  request: {
    params: ofGroup.extend({ email: email.openapi({ param: { name: 'email', in: 'path' } }) }),
  },
  responses: done,
});

const setGrant = createRoute({
  method: 'put',
  path: `${path}/{name}/grants/{project}`,
  summary: 'What a group gives its members in a project; Write includes Read (G1)',
  security: bearer,
  request: {
    params: ofGroup.extend({ project }),
    body: { required: true, content: json(z.strictObject({ access })) },
  },
  responses: done,
});

const removeGrant = createRoute({
  method: 'delete',
  path: `${path}/{name}/grants/{project}`,
  summary: 'Take a project from a group',
  security: bearer,
  request: { params: ofGroup.extend({ project }) },
  responses: done,
});

export function groupRoutes(app: PeopleApp, context: VaultContext): void {
  const reads = (c: Parameters<typeof signedIn>[0], vaultId: string) =>
    signedIn(c, context).then((session) => authorized(context.reader, session, vaultId, 'viewGroups'));
  const acts = async (
    c: Parameters<typeof signedIn>[0],
    asked: Parameters<typeof actAs>[2],
    work: (act: Act) => Promise<void>,
  ): Promise<void> => actAs(context, await signedIn(c, context), asked, work);

  app.openapi(list, async (c) => {
    const { vaultId } = c.req.valid('param');
    await reads(c, vaultId);
    return c.json(await listGroups(context.reader, vaultId, c.req.valid('query')), 200);
  });
  app.openapi(create, async (c) => {
    const { name } = c.req.valid('json');
    const { vaultId } = c.req.valid('param');
    await acts(c, { vaultId, operation: 'manageGroups' }, (act) => createGroupByPerson(act, name));
    return c.body(null, 201);
  });
  app.openapi(rename, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const { name: next } = c.req.valid('json');
    await acts(c, { vaultId, operation: 'manageGroups' }, (act) => renameGroupByPerson(act, name, next));
    return c.body(null, 204);
  });
  app.openapi(duplicate, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const { name: copy } = c.req.valid('json');
    await acts(c, { vaultId, operation: 'manageGroups' }, (act) => duplicateGroupByPerson(act, name, copy));
    return c.body(null, 201);
  });
  app.openapi(remove, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await acts(c, { vaultId, operation: 'cutGroups' }, (act) => deleteGroupByPerson(act, name));
    return c.body(null, 204);
  });
  app.openapi(members, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await reads(c, vaultId);
    return c.json(await groupMembers(context.reader, vaultId, name, c.req.valid('query')), 200);
  });
  app.openapi(add, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const { emails } = c.req.valid('json');
    await acts(c, { vaultId, operation: 'manageGroups' }, (act) => addMembersByPerson(act, name, emails));
    return c.body(null, 204);
  });
  app.openapi(removeMember, async (c) => {
    const { vaultId, name, email } = c.req.valid('param');
    await acts(c, { vaultId, operation: 'cutGroups' }, (act) => removeMemberByPerson(act, name, email));
    return c.body(null, 204);
  });
  app.openapi(setGrant, async (c) => {
    const { vaultId, name, project } = c.req.valid('param');
    const { access } = c.req.valid('json');
    await acts(c, { vaultId, operation: 'setGrant' }, (act) =>
      grantToGroupByPerson(act, name, project, access),
    );
    return c.body(null, 204);
  });
  app.openapi(removeGrant, async (c) => {
    const { vaultId, name, project } = c.req.valid('param');
    await acts(c, { vaultId, operation: 'removeGrant' }, (act) => takeFromGroupByPerson(act, name, project));
    return c.body(null, 204);
  });
}
