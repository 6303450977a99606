import { createRoute, z } from '@hono/zod-openapi';
import { hasCell } from '#model/access.ts';
import type { VaultContext } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import { next, pageQuery } from '../http/page.ts';
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
import { atEndOfSlot } from '../sessions/constant-time-response.ts';
import { cancelByPerson, inviteByPerson, pendingInvites, resendByPerson } from './inviting.ts';

const inVault = z.object({ vaultId });
const ofInvite = z.object({
  vaultId,
  email: email.openapi({ param: { name: 'email', in: 'path' }, example: 'alice@acme.example' }),
});
const done = { 204: { description: 'Done.' }, ...refusals };

const projects = z.array(displayedName).max(1000);

const invite = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/invites',
  summary:
    'Invite one or many, with the access they will have; answered alike whether an address is unknown, known, a member or invited (I1, I5)',
  security: bearer,
  request: {
    params: inVault,
    body: {
      required: true,
      content: json(
        z.strictObject({
          emails: z.array(email).min(1).max(100),
          role: z.enum(['Admin', 'Member']).default('Member'),
          template: displayedName.nullable().default(null),
          projectScope: z
            .union([z.literal('All'), projects])
            .nullable()
            .default(null),
          grants: z
            .array(z.strictObject({ project: displayedName, access: z.enum(['Read', 'Write']) }))
            .max(1000)
            .default([]),
        }),
      ),
    },
  },
  responses: done,
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/invites',
  summary: 'Invites that nobody has answered: my own, or all with `Organization: View members` (I2)',
  security: bearer,
  request: { params: inVault, query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by e-mail.',
      content: json(
        z.object({
          invites: z.array(
            z.object({
              email: z.string(),
              state: z.enum(['Open', 'Expired']),
              role: z.enum(['Owner', 'Admin', 'Member']),
              template: z.string().nullable(),
              attempts: z.int(),
              sentAt: z.int(),
              expiresAt: z.int(),
              invitedBy: z.string().nullable(),
            }),
          ),
          next,
        }),
      ),
    },
    ...refusals,
  },
});

const resend = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/invites/{email}/resend',
  summary: 'Send an invite again, three times in all (I2)',
  security: bearer,
  request: { params: ofInvite },
  responses: done,
});

const cancel = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/invites/{email}',
  summary: 'Take back an invite that nobody has answered (I2)',
  security: bearer,
  request: { params: ofInvite },
  responses: done,
});

export function invitingRoutes(app: PeopleApp, context: VaultContext): void {
  const operation = 'inviteMember';
  app.openapi(invite, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { emails, grants, ...preset } = c.req.valid('json');
    const access = { ...preset, grants: grants.toSorted((a, b) => byText(a.project, b.project)) };
    await atEndOfSlot(() =>
      actAs(context, session, { vaultId, operation }, (act) => inviteByPerson(act, session, emails, access)),
    );
    return c.body(null, 204);
  });
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { access } = await authorized(context.reader, session, vaultId, 'listInvites');
    const of = hasCell(access, 'Organization: View members') ? null : session.account.id;
    const asked = { now: context.clock.now(), of };
    return c.json(await pendingInvites(context.reader, vaultId, asked, c.req.valid('query')), 200);
  });
  app.openapi(resend, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, email } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation }, (act) => resendByPerson(act, session, email));
    return c.body(null, 204);
  });
  app.openapi(cancel, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, email } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation: 'cancelInvite' }, (act) =>
      cancelByPerson(act, session, email),
    );
    return c.body(null, 204);
  });
}
