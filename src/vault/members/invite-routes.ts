/** Invites: the invitee finds and answers them (I3), members send them and take them back (I1, I2, I5). */
import { z } from '@hono/zod-openapi';
import { hasCell } from '#model/access.ts';
import { ending } from '#model/ends.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { byProject } from '#model/member-access.ts';
import type { MemberAccess } from '#model/organization.ts';
import { timesText } from '#model/span-text.ts';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { access, newEnd } from '../people-api/access-schemas.ts';
import { displayedName, email, type PeopleApp } from '../people-api/people-app.ts';
import { addAccountRoute, addPeopleRoute } from '../people-api/people-route.ts';
import { segment } from '../people-api/references.ts';
import { padToTimeSlot } from '../sessions/constant-time-response.ts';
import { acceptInvite, declineInvite, myInvites } from './invites.ts';
import {
  cancelByPerson,
  declinedInvites,
  inviteByPerson,
  pendingInvites,
  resendByPerson,
} from './inviting.ts';
import { myVaults } from './my-vaults.ts';

// By address alone: who may invite need not be who may see members, and an id would tell them one.
const ofInvite = { email: segment('Address of whom it went to.', 'alice@acme.example') };
const ofMine = { inviteId: segment('Id of the invite.') };
const role = z.enum(['Owner', 'Admin', 'Member']);
const projects = z.array(displayedName).max(1000);

const newInvites = z.strictObject({
  emails: z.array(email).min(1).max(100),
  expiresAt: newEnd.describe('When the membership ends (M5); null: it does not.'),
  role: z.enum(['Admin', 'Member']).default('Member'),
  template: displayedName.nullable().default(null),
  templateExpiresAt: newEnd.describe('When the assignment of the template ends (M5).'),
  projectScope: z
    .union([z.literal('All'), projects])
    .nullable()
    .default(null),
  grants: z
    .array(z.strictObject({ project: displayedName, access, expiresAt: newEnd }))
    .max(1000)
    .default([]),
});

const pending = z.object({
  invites: z.array(
    z.object({
      email: z.string(),
      state: z.enum(['Open', 'Expired']),
      role,
      template: z.string().nullable(),
      attempts: z.int(),
      sentAt: z.int(),
      expiresAt: z.int(),
      invitedBy: z.string().nullable(),
    }),
  ),
  next,
});

const declined = z.object({
  invites: z.array(z.object({ email: z.string(), declinedAt: z.int() })),
  next,
});

const myInvite = z.object({
  id: z.string(),
  vaultId: z.string(),
  organization: z.string(),
  role,
  sentAt: z.int(),
  expiresAt: z.int(),
});

const myVault = z.object({
  vaultId: z.string(),
  displayName: z.string(),
  role,
  state: z.enum(['Active', 'Suspended', 'Ended']),
});

const answered = { description: 'Answered.', schema: z.object({ vaultId: z.string() }) };

export function inviteRoutes(app: PeopleApp, context: VaultContext): void {
  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/vaults',
    summary: 'What I can choose after signing in: my vaults with my role, and open invites',
    answer: {
      description: 'Vaults by name; invites oldest first.',
      schema: z.object({ vaults: z.array(myVault), invites: z.array(myInvite) }),
    },
    async run({ session: { account } }) {
      const vaults = await myVaults(context.reader, account, context.clock.now());
      return { vaults, invites: await myInvites(context.reader, account, context.clock.now()) };
    },
  });

  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/invites',
    summary: 'The open invites of my verified address (I1)',
    answer: {
      description: 'Open invites, oldest first.',
      schema: z.object({ invites: z.array(myInvite) }),
    },
    run: async ({ session: { account } }) => ({
      invites: await myInvites(context.reader, account, context.clock.now()),
    }),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/invites/{inviteId}/accept',
    summary: 'Join with this account (I3)',
    params: ofMine,
    answer: answered,
    refuses: [404, 423],
    run: ({ session, params }) => acceptInvite(context, session.account, params.inviteId),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/invites/{inviteId}/decline',
    summary: 'Stay out; no manager invites again unless Git names the entry (I3, rail 7)',
    params: ofMine,
    answer: answered,
    refuses: [404],
    run: ({ session, params }) => declineInvite(context, session.account, params.inviteId),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/invites',
    summary:
      'Invite one or many, with the access they will have; answered alike whether an address is unknown, known, a member or invited (I1, I5)',
    operation: 'inviteMember',
    also: ['appointAdmin', 'assignTemplate', 'changeScope', 'setGrant'],
    body: newInvites,
    refuses: [404],
    async run({ acting, caller, requireAlso, body }) {
      const { emails, grants, expiresAt, templateExpiresAt, ...preset } = body;
      const access: MemberAccess = {
        ...preset,
        ...ending(expiresAt),
        ...(preset.template === null || templateExpiresAt === null ? {} : { templateExpiresAt }),
        grants: byProject(grants.map(({ expiresAt, ...grant }) => ({ ...grant, ...ending(expiresAt) }))),
      };
      const inviter = { caller, requireAlso };
      await padToTimeSlot(() => acting((act) => inviteByPerson(act, inviter, emails, access)));
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/invites',
    summary: 'Invites that nobody has answered: my own, or all with `Organization: View members` (I2)',
    operation: 'listInvites',
    query: pageQuery,
    answer: { description: 'Sorted by e-mail.', schema: pending },
    run({ vaultId, session, caller, query }) {
      const of = hasCell(caller.access, 'Organization: View members') ? null : session.account.id;
      return pendingInvites(context.reader, vaultId, { now: context.clock.now(), of }, query);
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/declined-invites',
    summary: 'Who declined in the last 30 days and was not invited again since (I3)',
    operation: 'listMembers',
    query: pageQuery,
    answer: { description: 'Sorted by e-mail.', schema: declined },
    run: ({ vaultId, query }) => declinedInvites(context.reader, vaultId, query, context.clock.now()),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/invites/{email}/resend',
    summary: `Send an invite again, ${timesText(DEFAULT_INVITES.maxAttempts)} in all where the Organization says nothing else (I2)`,
    operation: 'inviteMember',
    params: ofInvite,
    refuses: [404],
    act: (act, { params, caller }) => resendByPerson(act, caller, params.email),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/invites/{email}',
    summary: 'Take back an invite that nobody has answered (I2)',
    operation: 'cancelInvite',
    params: ofInvite,
    refuses: [404],
    act: (act, { params, caller }) => cancelByPerson(act, caller, params.email),
  });
}
