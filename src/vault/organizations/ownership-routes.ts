/** Ownership, key rotation and confirmation, as people use them (O3, O5, I4). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
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
import { requireRecentProof } from '../people-api/reauthentication.ts';
import { confirmMember, registerCode } from './confirmation.ts';
import { acceptOwnership, endOffer, offerOwnership, openOffer } from './ownership.ts';
import { beginRound } from './reacceptance.ts';
import { rekeyProjects } from './rekeying.ts';
import { setConfirmation } from './vault-settings.ts';

const inVault = z.object({ vaultId });
const ofMember = z.object({
  vaultId,
  email: email.openapi({ param: { name: 'email', in: 'path' }, example: 'alice@acme.example' }),
});
const done = { 204: { description: 'Done.' }, ...refusals };
const time = z.int().describe('Milliseconds since the epoch.');
const offer = z.object({ to: z.string(), offeredAt: time, expiresAt: time });
const path = '/api/v1/vaults/{vaultId}';

const offered = createRoute({
  method: 'get',
  path: `${path}/ownership-offer`,
  summary: 'The open offer of ownership, for the owner and the one it is made to (O3)',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: { description: 'Null: there is none.', content: json(z.object({ offer: offer.nullable() })) },
    ...refusals,
  },
});

const makeOffer = createRoute({
  method: 'put',
  path: `${path}/ownership-offer`,
  summary:
    'Offer the ownership to an active member by their typed e-mail, for seven days (O3); takes a proof of the owner within the last five minutes',
  security: bearer,
  request: { params: inVault, body: { required: true, content: json(z.strictObject({ email })) } },
  responses: { 200: { description: 'Offered.', content: json(offer) }, ...refusals },
});

const withdraw = createRoute({
  method: 'delete',
  path: `${path}/ownership-offer`,
  summary: 'Take the offer of ownership back',
  security: bearer,
  request: { params: inVault },
  responses: done,
});

const accept = createRoute({
  method: 'post',
  path: `${path}/ownership-offer/accept`,
  summary:
    'Become the owner (O3): the former owner becomes an admin, automation identities end; takes a proof of you within the last five minutes',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'You own it. `endedAutomations` stand still until you make new identities.',
      content: json(
        z.object({
          owner: z.string(),
          formerOwner: z.string(),
          endedAutomations: z.array(z.string()).readonly(),
          next: z.string(),
        }),
      ),
    },
    ...refusals,
  },
});

const decline = createRoute({
  method: 'post',
  path: `${path}/ownership-offer/decline`,
  summary: 'Decline the ownership',
  security: bearer,
  request: { params: inVault },
  responses: done,
});

const rotate = createRoute({
  method: 'post',
  path: `${path}/key-rotation`,
  summary:
    'Rotate the keys (O5): every member but the owner accepts again before they have access, projects get other keys; takes a proof of the owner within the last five minutes',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'Begun.',
      content: json(z.object({ members: z.int(), projects: z.int() })),
    },
    ...refusals,
  },
});

const requireIt = createRoute({
  method: 'put',
  path: `${path}/confirmation`,
  summary:
    'Ask for confirmation of who joins or is un-suspended, or no longer (I4); takes a proof of the owner within the last five minutes',
  security: bearer,
  request: {
    params: inVault,
    body: { required: true, content: json(z.strictObject({ required: z.boolean() })) },
  },
  responses: done,
});

const register = createRoute({
  method: 'put',
  path: `${path}/members/{email}/confirmation`,
  summary: 'Register the public half of a code for an invitee; the code itself is never sent (I4)',
  security: bearer,
  request: {
    params: ofMember,
    body: {
      required: true,
      content: json(z.strictObject({ publicKey: z.string().max(64), salt: z.string().max(64) })),
    },
  },
  responses: {
    200: {
      description: 'Registered; a code of before counts no more.',
      content: json(z.object({ id: z.string(), expiresAt: time })),
    },
    ...refusals,
  },
});

const confirm = createRoute({
  method: 'post',
  path: `${path}/members/{email}/confirmation/confirm`,
  summary: 'Let in a member who has proven the code (I4)',
  security: bearer,
  request: {
    params: ofMember,
    body: { required: true, content: json(z.strictObject({ id: z.string().max(64) })) },
  },
  responses: done,
});

export function ownerRoutes(app: PeopleApp, context: VaultContext, report: (error: unknown) => void): void {
  app.openapi(offered, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { actor } = await authorized(context.reader, session, vaultId, 'takeOwnership');
    return c.json({ offer: await openOffer(context.reader, vaultId, actor, context.clock.now()) }, 200);
  });
  app.openapi(makeOffer, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'offerOwnership');
    requireRecentProof(session, context.clock.now());
    const made = await actAs(context, session, { vaultId, operation: 'offerOwnership' }, (act) =>
      offerOwnership(act, c.req.valid('json').email),
    );
    return c.json(made, 200);
  });
  app.openapi(withdraw, async (c) => {
    const { vaultId } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'withdrawOwnership' }, (act) =>
      endOffer(act, 'withdrawn'),
    );
    return c.body(null, 204);
  });
  app.openapi(accept, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { actor } = await authorized(context.reader, session, vaultId, 'takeOwnership');
    requireRecentProof(session, context.clock.now());
    const transfer = await actAs(context, session, { vaultId, operation: 'takeOwnership' }, (act) =>
      acceptOwnership(act, actor),
    );
    return c.json(transfer, 200);
  });
  app.openapi(decline, async (c) => {
    const { vaultId } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'declineOwnership' }, (act) =>
      endOffer(act, 'declined'),
    );
    return c.body(null, 204);
  });
  app.openapi(rotate, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'rotateKeys');
    requireRecentProof(session, context.clock.now());
    const round = await actAs(context, session, { vaultId, operation: 'rotateKeys' }, beginRound);
    // What is interrupted here, the sweep goes on with.
    await rekeyProjects(context, report, vaultId);
    return c.json(round, 200);
  });
  app.openapi(requireIt, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'requireConfirmation');
    requireRecentProof(session, context.clock.now());
    await actAs(context, session, { vaultId, operation: 'requireConfirmation' }, (act) =>
      setConfirmation(context, act, c.req.valid('json').required),
    );
    return c.body(null, 204);
  });
  app.openapi(register, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    const registered = await actAs(
      context,
      await signedIn(c, context),
      { vaultId, operation: 'confirmMember' },
      (act) => registerCode(act, email, c.req.valid('json')),
    );
    return c.json(registered, 200);
  });
  app.openapi(confirm, async (c) => {
    const { vaultId, email } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'confirmMember' }, (act) =>
      confirmMember(act, email, c.req.valid('json').id),
    );
    return c.body(null, 204);
  });
}
