import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import {
  bearer,
  email,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { leave, listMembers, removeByPerson, suspendByPerson, unsuspendByPerson } from './member-acts.ts';

const done = { 204: { description: 'Done.' }, ...refusals };
const inVault = z.object({ vaultId });
const ofMember = z.object({
  vaultId,
  email: email.openapi({ param: { name: 'email', in: 'path' }, example: 'alice@acme.example' }),
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/members',
  summary: 'Members and open invites',
  security: bearer,
  request: { params: inVault, query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by e-mail.',
      content: json(
        z.object({
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
        }),
      ),
    },
    ...refusals,
  },
});

const suspend = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/members/{email}/suspend',
  summary: 'Suspend: sessions end at once, grants stay (M1)',
  security: bearer,
  request: { params: ofMember },
  responses: done,
});

const unsuspend = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/members/{email}/unsuspend',
  summary: 'Give a suspended member everything back (M1)',
  security: bearer,
  request: { params: ofMember },
  responses: done,
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/members/{email}',
  summary: 'Remove: all access ends at once (M2)',
  security: bearer,
  request: { params: ofMember },
  responses: done,
});

const goAway = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/leave',
  summary: 'Leave (M3)',
  security: bearer,
  request: { params: inVault },
  responses: done,
});

export function memberRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'listMembers');
    return c.json(await listMembers(context.reader, vaultId, c.req.valid('query')), 200);
  });
  app.openapi(suspend, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'suspendMember' }, (act) =>
      suspendByPerson(act, email),
    );
    return c.body(null, 204);
  });
  app.openapi(unsuspend, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'unsuspendMember' }, (act) =>
      unsuspendByPerson(act, email),
    );
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'removeMember' }, (act) =>
      removeByPerson(act, email),
    );
    return c.body(null, 204);
  });
  app.openapi(goAway, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation: 'leave' }, (act, { email }) => leave(act, email));
    return c.body(null, 204);
  });
}
