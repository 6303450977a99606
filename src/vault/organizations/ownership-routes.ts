import { z } from '@hono/zod-openapi';
import { OFFER_LIFE } from '#model/invites.ts';
import { spanText } from '#model/span-text.ts';
import type { VaultContext } from '../act/context.ts';
import { type PeopleApp, storedEmail } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { acceptOwnership, endOffer, offerOwnership, openOffer } from './ownership.ts';

const time = z.int().describe('Milliseconds since the epoch.');
const offer = z.object({ to: z.string(), offeredAt: time, expiresAt: time });

const transferred = z.object({
  owner: z.string(),
  formerOwner: z.string(),
  endedAutomations: z.array(z.string()).readonly(),
  next: z.string(),
});

export function ownershipRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/ownership-offer',
    summary: 'The open offer of ownership, for the owner and the one it is made to (O3)',
    operation: 'takeOwnership',
    answer: { description: 'Null: there is none.', schema: z.object({ offer: offer.nullable() }) },
    run: async ({ vaultId, caller }) => ({
      offer: await openOffer(context.reader, vaultId, caller.actor, context.clock.now()),
    }),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/ownership-offer',
    summary: `Offer the ownership to an active member by their typed e-mail, for ${spanText(OFFER_LIFE)} (O3); takes a proof of the owner within the last five minutes`,
    operation: 'offerOwnership',
    proof: true,
    body: z.strictObject({ email: storedEmail }),
    answer: { description: 'Offered.', schema: offer },
    refuses: [404],
    act: (act, { body }) => offerOwnership(act, body.email),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/ownership-offer',
    summary: 'Take the offer of ownership back',
    operation: 'withdrawOwnership',
    refuses: [404],
    act: (act) => endOffer(act, 'withdrawn'),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/ownership-offer/accept',
    summary:
      'Become the owner (O3): the former owner becomes an admin, automation identities end; takes a proof of you within the last five minutes',
    operation: 'takeOwnership',
    proof: true,
    answer: {
      description: 'You own it. `endedAutomations` stand still until you make new identities.',
      schema: transferred,
    },
    refuses: [404],
    act: (act, { caller }) => acceptOwnership(act, caller.actor),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/ownership-offer/decline',
    summary: 'Decline the ownership',
    operation: 'declineOwnership',
    refuses: [404],
    act: (act) => endOffer(act, 'declined'),
  });
}
