/** I4: what the owner asks for, registers and confirms, and what the member proves, who has no access yet. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addAccountRoute, addPeopleRoute } from '../people-api/people-route.ts';
import { reference, segment } from '../people-api/references.ts';
import { challenge, confirmMember, myConfirmations, proveCode, registerCode } from './confirmation.ts';
import { setConfirmation } from './vault-settings.ts';

const time = z.int().describe('Milliseconds since the epoch.');
const ofMember = { email: reference('member', 'alice@acme.example') };
const ofConfirmation = { confirmationId: segment('Id of the confirmation.') };

const mine = z.object({
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
});

const challenged = z.object({
  vaultId: z.string(),
  accountId: z.string(),
  nonce: z.string(),
  expiresAt: time,
});

export function confirmationRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/confirmation',
    summary:
      'Ask for confirmation of who joins or is un-suspended, or no longer (I4); takes a proof of the owner within the last five minutes',
    operation: 'requireConfirmation',
    proof: true,
    body: z.strictObject({ required: z.boolean() }),
    act: (act, { body }) => setConfirmation(context, act, body.required),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/members/{email}/confirmation',
    summary: 'Register the public half of a code for an invitee; the code itself is never sent (I4)',
    operation: 'confirmMember',
    params: ofMember,
    body: z.strictObject({ publicKey: z.string().max(64), salt: z.string().max(64) }),
    answer: {
      description: 'Registered; a code of before counts no more.',
      schema: z.object({ id: z.string(), expiresAt: time }),
    },
    refuses: [404],
    act: (act, { params, body }) => registerCode(act, params.email, body),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/members/{email}/confirmation/confirm',
    summary: 'Let in a member who has proven the code (I4)',
    operation: 'confirmMember',
    params: ofMember,
    body: z.strictObject({ id: z.string().max(64) }),
    refuses: [404],
    act: (act, { params, body }) => confirmMember(act, params.email, body.id),
  });

  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/confirmations',
    summary: 'My memberships that wait for confirmation and have a code (I4)',
    answer: { description: 'Oldest first.', schema: mine },
    run: async ({ session }) => ({
      confirmations: await myConfirmations(context.reader, session.account, context.clock.now()),
    }),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/confirmations/{confirmationId}/challenge',
    summary: 'A nonce for one proof of the code (I4)',
    params: ofConfirmation,
    answer: {
      description:
        'Sign `seneschal confirmation:{vaultId}:{confirmationId}:{accountId}:{nonce}` by the key of the code.',
      schema: challenged,
      isOneTime: true,
    },
    refuses: [403, 404],
    run: ({ session, params }) => challenge(context, session.account, params.confirmationId),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/confirmations/{confirmationId}/proof',
    summary: 'Prove the code by a signature over the challenge (I4); the owner confirms then',
    params: ofConfirmation,
    body: z.strictObject({ nonce: z.string().max(128), signature: z.string().max(128) }),
    refuses: [403, 404],
    run: ({ session, params, body }) => proveCode(context, session.account, params.confirmationId, body),
  });
}
