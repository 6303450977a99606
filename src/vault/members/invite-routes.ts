import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { bearer, json, type PeopleApp, refusals, signedIn } from '../people-api/people-app.ts';
import { acceptInvite, declineInvite, myInvites } from './invites.ts';
import { myVaults } from './my-vaults.ts';

const params = z.object({
  inviteId: z
    .string()
    .max(64)
    .openapi({ param: { name: 'inviteId', in: 'path' } }),
});
const answered = {
  200: { description: 'Answered.', content: json(z.object({ vaultId: z.string() })) },
  ...refusals,
};

const myInvite = z.object({
  id: z.string(),
  vaultId: z.string(),
  organization: z.string(),
  role: z.enum(['Owner', 'Admin', 'Member']),
  sentAt: z.int(),
  expiresAt: z.int(),
});

const pick = createRoute({
  method: 'get',
  path: '/api/v1/me/vaults',
  summary: 'What I can choose after signing in: my vaults with my role, and open invites',
  security: bearer,
  responses: {
    200: {
      description: 'Vaults by name; invites oldest first.',
      content: json(
        z.object({
          vaults: z.array(
            z.object({
              vaultId: z.string(),
              displayName: z.string(),
              role: z.enum(['Owner', 'Admin', 'Member']),
              state: z.enum(['Active', 'Suspended']),
            }),
          ),
          invites: z.array(myInvite),
        }),
      ),
    },
    ...refusals,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/me/invites',
  summary: 'The open invites of my verified address (I1)',
  security: bearer,
  responses: {
    200: {
      description: 'Open invites, oldest first.',
      content: json(z.object({ invites: z.array(myInvite) })),
    },
    ...refusals,
  },
});

const accept = createRoute({
  method: 'post',
  path: '/api/v1/me/invites/{inviteId}/accept',
  summary: 'Join with this account (I3)',
  security: bearer,
  request: { params },
  responses: answered,
});

const decline = createRoute({
  method: 'post',
  path: '/api/v1/me/invites/{inviteId}/decline',
  summary: 'Stay out; no manager invites again unless Git names the entry (I3, rail 7)',
  security: bearer,
  request: { params },
  responses: answered,
});

export function inviteRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(pick, async (c) => {
    const { account } = await signedIn(c, context);
    const vaults = await myVaults(context.reader, account);
    return c.json({ vaults, invites: await myInvites(context.reader, account, context.clock.now()) }, 200);
  });
  app.openapi(list, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json({ invites: await myInvites(context.reader, account, context.clock.now()) }, 200);
  });
  app.openapi(accept, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json(await acceptInvite(context, account, c.req.valid('param').inviteId), 200);
  });
  app.openapi(decline, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json(await declineInvite(context, account, c.req.valid('param').inviteId), 200);
  });
}
