/** The lease (rail 10): taken, renewed and given back by managers; seen and handed over by people. */

import { z } from '@hono/zod-openapi';
import { ROUTES } from '#protocol/management.ts';
import { installationName, leaseRequest, leaseReturn } from '#protocol/schemas.ts';
import { managerName } from '#protocol/step-schemas.ts';
import type { VaultContext } from '../act/context.ts';
import { leaseAnswer, leaseShape, leaseShown } from '../http/answer-schemas.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { requireApproverProof } from './approver-proof.ts';
import { addAutomationRoute, answered, done } from './automation-route.ts';
import { handOver, releaseLease, shownLease, takeLease } from './lease.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

const installation = z.strictObject({ manager: managerName, installation: installationName });

export function automationLeaseRoutes(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.lease,
    summary: 'Takes or renews the lease (rail 10)',
    operation: 'lease',
    body: leaseRequest,
    answer: leaseAnswer,
    refuses: [409],
    handle: async ({ by, body }) => answered(await takeLease(context, by, body)),
  });

  addAutomationRoute(app, parts, {
    method: 'delete',
    path: ROUTES.lease,
    summary: 'Gives the lease back, or lends it to a command line (rail 10)',
    operation: 'lease',
    body: leaseReturn,
    handle: async ({ by, body }) => {
      await releaseLease(context, by, body);
      return done();
    },
  });
}

export function leaseRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/lease',
    summary: 'Who holds the lease of the vault, since when, and which operator was refused last (rail 10)',
    operation: 'viewLease',
    answer: { description: 'The lease.', schema: leaseShown },
    run: async ({ vaultId }) => shownLease(context, vaultId),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/lease/handovers',
    summary: 'Take the lease from whose it is, for another installation (rail 10); takes a recent proof',
    description:
      'By the owner, or an approver whom the rails last applied name. From the installation that whoever hands it over saw to have it (null: nobody), and refused where it is another’s by then. For the next leader of the installation that is named, or for whoever of a manager asks first (`Free`).',
    operation: 'handOverLease',
    proof: true,
    body: z.strictObject({
      reason: z.string().min(1).max(1024),
      from: installation.nullable(),
      to: z.union([installation, z.literal('Free')]),
    }),
    answer: { description: 'Handed over.', schema: z.object({ lease: leaseShape.nullable() }) },
    refuses: [409],
    async run({ vaultId, acting, session, caller, body: { reason, from, to } }) {
      const lease = await acting(async (act) => {
        await requireApproverProof(act.db, session, caller.actor.role === 'Owner');
        return handOver(act, reason, { from, to: to === 'Free' ? null : to });
      });
      // The lease lies outside the revision, which alone wakes the long polls.
      context.wake(vaultId);
      return { lease };
    },
  });
}
