/** Groups (G1, G2), as admins keep them (O4). */
import { z } from '@hono/zod-openapi';
import { ending } from '#model/ends.ts';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { access, grant, newEnd, shownEnd } from '../people-api/access-schemas.ts';
import { displayedName, type PeopleApp, storedEmail } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { reference } from '../people-api/references.ts';
import { SHOWN_STATES } from '../store/active-members.ts';
import {
  addMembersByPerson,
  createGroupByPerson,
  deleteGroupByPerson,
  duplicateGroupByPerson,
  editGroupByPerson,
  grantToGroupByPerson,
  removeMemberByPerson,
  takeFromGroupByPerson,
} from './group-acts.ts';
import { groupMembers, listGroups } from './group-list.ts';

const ofGroup = { name: reference('group', 'Everyone') };
const ofGrant = { ...ofGroup, project: reference('project') };
const named = z.strictObject({ name: displayedName });
const described = z.string().max(1024);
const made = named.extend({ description: described.optional() });
const edited = z.strictObject({ name: displayedName.optional(), description: described.optional() });

const listed = z.object({
  groups: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      members: z.int(),
      grants: z.array(grant).readonly(),
    }),
  ),
  next,
});

const listedMembers = z.object({
  members: z.array(z.object({ email: z.string(), state: z.enum(SHOWN_STATES), expiresAt: shownEnd })),
  next,
});

export function groupRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/groups',
    summary: 'Groups, how many members each lists and what it gives (G1)',
    operation: 'viewGroups',
    query: pageQuery,
    answer: { description: 'Sorted by name.', schema: listed },
    run: ({ vaultId, query }) => listGroups(context.reader, vaultId, query),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/groups',
    summary: 'Make a group, where the plan has groups (G2, P3)',
    operation: 'manageGroups',
    body: made,
    answer: { status: 201, description: 'Made.' },
    act: (act, { body }) => createGroupByPerson(act, body.name, body.description ?? ''),
  });

  addPeopleRoute(app, context, {
    method: 'patch',
    path: '/api/v1/vaults/{vaultId}/groups/{name}',
    summary: 'Rename a group, or say what it is for (G2)',
    operation: 'manageGroups',
    params: ofGroup,
    body: edited,
    refuses: [404],
    act: (act, { params, body }) => editGroupByPerson(act, params.name, body),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/groups/{name}/duplicate',
    summary: 'Make another group with the same members and grants (G2)',
    operation: 'manageGroups',
    params: ofGroup,
    body: named,
    answer: { status: 201, description: 'Made.' },
    refuses: [404],
    act: (act, { params, body }) => duplicateGroupByPerson(act, params.name, body.name),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/groups/{name}',
    summary: 'Delete a group: the access that it gave is gone, its members stay (G2)',
    operation: 'narrowGroups',
    params: ofGroup,
    refuses: [404],
    act: (act, { params }) => deleteGroupByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/groups/{name}/members',
    summary: 'Whom a group lists, invitees among them (G2)',
    operation: 'viewGroups',
    params: ofGroup,
    query: pageQuery,
    answer: { description: 'Sorted by e-mail.', schema: listedMembers },
    refuses: [404],
    run: ({ vaultId, params, query }) =>
      groupMembers(context.reader, vaultId, params.name, query, context.clock.now()),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/groups/{name}/members',
    summary: 'List members, and invitees before they join; all or none (G2)',
    operation: 'manageGroups',
    params: ofGroup,
    body: z.strictObject({
      emails: z.array(storedEmail).min(1).max(1000),
      expiresAt: newEnd.describe('When their membership of the group ends (M5); null: it does not.'),
    }),
    refuses: [404],
    act: (act, { params, body }) =>
      addMembersByPerson(act, params.name, body.emails, body.expiresAt ?? undefined),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/groups/{name}/members/{email}',
    summary: 'Take a member off a group; what only the group gave is gone with the next request',
    operation: 'narrowGroups',
    params: { ...ofGroup, email: reference('member') },
    refuses: [404],
    act: (act, { params }) => removeMemberByPerson(act, params.name, params.email),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/groups/{name}/grants/{project}',
    summary: 'What a group gives its members in a project; Write includes Read (G1)',
    operation: 'setGrant',
    params: ofGrant,
    body: z.strictObject({ access, expiresAt: newEnd }),
    refuses: [404],
    act: (act, { params, body }) =>
      grantToGroupByPerson(act, params.name, params.project, {
        access: body.access,
        ...ending(body.expiresAt),
      }),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/groups/{name}/grants/{project}',
    summary: 'Take a project from a group',
    operation: 'removeGrant',
    params: ofGrant,
    refuses: [404],
    act: (act, { params }) => takeFromGroupByPerson(act, params.name, params.project),
  });
}
