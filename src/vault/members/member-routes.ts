import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { email, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { leave, listMembers, removeByPerson, suspendByPerson, unsuspendByPerson } from './member-acts.ts';

const ofMember = { email: email.openapi({ example: 'alice@acme.example' }) };

const listed = z.object({
  members: z.array(
    z.object({
      email: z.string().describe('The address that the membership was approved for.'),
      accountEmail: z.string().nullable().describe('That of the account by now.'),
      userName: z.string().nullable(),
      role: z.enum(['Owner', 'Admin', 'Member']),
      state: z.enum(['Invited', 'Active', 'Suspended']),
      awaits: z.enum(['Reacceptance', 'Confirmation']).nullable(),
      confirmation: z.object({ id: z.string(), proven: z.boolean() }).nullable(),
    }),
  ),
  next,
});

export function memberRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/members',
    summary: 'Members and open invites',
    operation: 'listMembers',
    query: pageQuery,
    answer: { description: 'Sorted by e-mail.', schema: listed },
    run: ({ vaultId, query }) => listMembers(context.reader, vaultId, query),
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
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/leave',
    summary: 'Leave (M3)',
    operation: 'leave',
    act: (act, { caller }) => leave(act, caller.actor.email),
  });
}
