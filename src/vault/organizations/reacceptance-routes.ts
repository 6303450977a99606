/** Memberships that wait for the answer of their member, who has no access to the vault yet (O5, I4). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { challenge, myConfirmations, proveCode } from './confirmation.ts';
import { leaveWaiting, myReacceptances, reaccept } from './reacceptance.ts';

const done = { 204: { description: 'Done.' }, ...refusals };
const time = z.int().describe('Milliseconds since the epoch.');
const ofConfirmation = z.object({
  confirmationId: z
    .string()
    .max(64)
    .openapi({ param: { name: 'confirmationId', in: 'path' } }),
});

const reacceptances = createRoute({
  method: 'get',
  path: '/api/v1/me/reacceptances',
  summary: 'My memberships that I have to accept again after a key rotation (O5)',
  security: bearer,
  responses: {
    200: {
      description: 'By vault id.',
      content: json(
        z.object({ reacceptances: z.array(z.object({ vaultId: z.string(), organization: z.string() })) }),
      ),
    },
    ...refusals,
  },
});

const acceptAgain = createRoute({
  method: 'post',
  path: '/api/v1/me/reacceptances/{vaultId}/accept',
  summary: 'Accept a membership again (O5): everything is as it was',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: done,
});

const leave = createRoute({
  method: 'post',
  path: '/api/v1/me/reacceptances/{vaultId}/decline',
  summary: 'Leave instead, also where I wait for confirmation (M3)',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: done,
});

const confirmations = createRoute({
  method: 'get',
  path: '/api/v1/me/confirmations',
  summary: 'My memberships that wait for confirmation and have a code (I4)',
  security: bearer,
  responses: {
    200: {
      description: 'Oldest first.',
      content: json(
        z.object({
          confirmations: z.array(
            z.object({
              id: z.string(),
              vaultId: z.string(),
              organization: z.string(),
              salt: z.string(),
              expiresAt: time,
              proven: z.boolean(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const ask = createRoute({
  method: 'post',
  path: '/api/v1/me/confirmations/{confirmationId}/challenge',
  summary: 'A nonce for one proof of the code (I4)',
  security: bearer,
  request: { params: ofConfirmation },
  responses: {
    200: {
      description:
        'Sign `seneschal confirmation:{vaultId}:{confirmationId}:{accountId}:{nonce}` by the key of the code.',
      content: json(
        z.object({ vaultId: z.string(), accountId: z.string(), nonce: z.string(), expiresAt: time }),
      ),
    },
    ...refusals,
  },
});

const prove = createRoute({
  method: 'post',
  path: '/api/v1/me/confirmations/{confirmationId}/proof',
  summary: 'Prove the code by a signature over the challenge (I4); the owner confirms then',
  security: bearer,
  request: {
    params: ofConfirmation,
    body: {
      required: true,
      content: json(z.strictObject({ nonce: z.string().max(128), signature: z.string().max(128) })),
    },
  },
  responses: done,
});

export function myRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(reacceptances, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json({ reacceptances: await myReacceptances(context.reader, account) }, 200);
  });
  app.openapi(acceptAgain, async (c) => {
    const { account } = await signedIn(c, context);
    await reaccept(context, account, c.req.valid('param').vaultId);
    return c.body(null, 204);
  });
  app.openapi(leave, async (c) => {
    const { account } = await signedIn(c, context);
    await leaveWaiting(context, account, c.req.valid('param').vaultId);
    return c.body(null, 204);
  });
  app.openapi(confirmations, async (c) => {
    const { account } = await signedIn(c, context);
    const mine = await myConfirmations(context.reader, account, context.clock.now());
    return c.json({ confirmations: mine }, 200);
  });
  app.openapi(ask, async (c) => {
    const { account } = await signedIn(c, context);
    c.header('cache-control', 'no-store');
    return c.json(await challenge(context, account, c.req.valid('param').confirmationId), 200);
  });
  app.openapi(prove, async (c) => {
    const { account } = await signedIn(c, context);
    await proveCode(context, account, c.req.valid('param').confirmationId, c.req.valid('json'));
    return c.body(null, 204);
  });
}
