/** Members, and what people change of their access: each field is somebody else's to change (O4, T4). */
import { z } from '@hono/zod-openapi';
import { hasCell } from '#model/access.ts';
import { ending } from '#model/ends.ts';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import {
  access,
  end,
  grant,
  newEnd,
  projectScope,
  shownEnd,
  shownScope,
} from '../people-api/access-schemas.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { reference } from '../people-api/references.ts';
import { SHOWN_STATES } from '../store/active-members.ts';
import {
  removeGrantByPerson,
  setEndByPerson,
  setGrantByPerson,
  setRoleByPerson,
  setScopeByPerson,
  setTemplateByPerson,
} from './member-access-acts.ts';
import { leave, removeByPerson, suspendByPerson, unsuspendByPerson } from './member-acts.ts';
import { listMembers } from './member-list.ts';

const ofMember = { email: reference('member', 'alice@acme.example') };
const ofGrant = { ...ofMember, project: reference('project') };

const listed = z.object({
  members: z.array(
    z.object({
      id: z.string(),
      email: z.string().describe('The address that the membership was approved for.'),
      accountEmail: z.string().nullable().describe('That of the account by now.'),
      userName: z.string().nullable(),
      role: z.enum(['Owner', 'Admin', 'Member']),
      state: z.enum(SHOWN_STATES),
      expiresAt: shownEnd,
      template: z.string().nullable(),
      templateExpiresAt: shownEnd,
      projectScope: shownScope.nullable(),
      grants: z.array(grant).readonly(),
      groups: z.array(z.string()).readonly(),
      awaits: z.enum(['Reacceptance', 'Confirmation']).nullable(),
      confirmation: z.object({ id: z.string(), proven: z.boolean() }).nullable(),
      signIn: z.exactOptional(
        z
          .object({
            secondFactor: z.boolean().describe('Codes of an app, or a passkey, beside the password.'),
            lastSeenAt: z
              .int()
              .nullable()
              .describe('In this vault, to about five minutes, in milliseconds; null: not yet.'),
          })
          .describe('One’s own, or of all with `Audit log: View others`.'),
      ),
    }),
  ),
  next,
});

export function memberRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/members',
    summary:
      'Members and invitees with their direct access; how they sign in and when they were here with `Audit log: View others`',
    operation: 'listMembers',
    query: pageQuery,
    answer: { description: 'Sorted by e-mail.', schema: listed },
    run({ vaultId, caller, query }) {
      // When somebody was here is what the audit log tells of others (A1).
      const seesOthers = hasCell(caller.access, 'Audit log: View others');
      const viewer = { email: caller.actor.email, seesOthers };
      return listMembers(context.reader, vaultId, viewer, query, context.clock.now());
    },
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/members/{email}/suspend',
    summary: 'Suspend: sessions end at once, grants stay (M1)',
    operation: 'suspendMember',
    params: ofMember,
    refuses: [404],
    act: (act, { params }) => suspendByPerson(act, params.email),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/members/{email}/unsuspend',
    summary: 'Give a suspended member everything back (M1)',
    operation: 'unsuspendMember',
    params: ofMember,
    refuses: [404],
    act: (act, { params }) => unsuspendByPerson(act, params.email),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/members/{email}',
    summary: 'Remove: all access ends at once (M2)',
    operation: 'removeMember',
    params: ofMember,
    refuses: [404],
    act: (act, { params }) => removeByPerson(act, params.email),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/members/{email}/role',
    summary: 'Appoint an admin, or make a plain member of one; the owner alone (O4)',
    operation: {
      among: ['appointAdmin', 'dismissAdmin'],
      of: ({ body }) => (body.role === 'Admin' ? 'appointAdmin' : 'dismissAdmin'),
    },
    params: ofMember,
    body: z.strictObject({ role: z.enum(['Admin', 'Member']) }),
    refuses: [404],
    act: (act, { params, body }) => setRoleByPerson(act, params.email, body.role),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/members/{email}/template',
    summary: 'Give a member a template in place of the one before, or take it away; the owner alone (T1, T4)',
    operation: {
      among: ['assignTemplate', 'takeTemplate'],
      of: ({ body }) => (body.template === null ? 'takeTemplate' : 'assignTemplate'),
    },
    params: ofMember,
    body: z.strictObject({
      template: displayedName.nullable(),
      /** Narrows the template's own. */
      projectScope: z.exactOptional(projectScope),
      expiresAt: newEnd.describe('When the assignment ends (M5); null: it does not.'),
    }),
    refuses: [404],
    act: (act, { params, body: { template, projectScope, expiresAt } }) =>
      setTemplateByPerson(act, params.email, { template, projectScope, ...ending(expiresAt) }),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/members/{email}/end',
    summary:
      'Say when a membership ends: from then on the member is as if suspended; null: it does not end (M5)',
    operation: {
      among: ['suspendMember', 'unsuspendMember'],
      of: ({ body }) => (body.expiresAt === null ? 'unsuspendMember' : 'suspendMember'),
    },
    params: ofMember,
    body: z.strictObject({ expiresAt: end.nullable() }),
    refuses: [404],
    act: (act, { params, body }) => setEndByPerson(act, params.email, body.expiresAt ?? undefined),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/members/{email}/scope',
    summary:
      'Narrow the scope of the template for one member; null: the template’s own; the owner alone (T1, T4)',
    operation: 'changeScope',
    params: ofMember,
    body: z.strictObject({ projectScope: projectScope.nullable() }),
    refuses: [404],
    act: (act, { params, body }) => setScopeByPerson(act, params.email, body.projectScope),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/members/{email}/grants/{project}',
    summary: 'Grant a member a project, in place of the grant before; Write includes Read (G1)',
    operation: 'setGrant',
    params: ofGrant,
    body: z.strictObject({ access, expiresAt: newEnd }),
    refuses: [404],
    act: (act, { params, body }) =>
      setGrantByPerson(act, params.email, params.project, {
        access: body.access,
        ...ending(body.expiresAt),
      }),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/members/{email}/grants/{project}',
    summary: 'Take a grant from a member (G1)',
    operation: 'removeGrant',
    params: ofGrant,
    refuses: [404],
    act: (act, { params }) => removeGrantByPerson(act, params.email, params.project),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/leave',
    summary: 'Leave (M3)',
    operation: 'leave',
    act: (act, { caller }) => leave(act, caller.actor.email),
  });
}
