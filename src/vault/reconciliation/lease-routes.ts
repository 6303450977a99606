/** The lease, taken, renewed and given back (rail 10). */
import { ROUTES } from '#protocol/management.ts';
import { fence, leaseRequest } from '#protocol/schemas.ts';
import { leaseAnswer } from '../http/answer-schemas.ts';
import { addAutomationRoute, answered, done } from './automation-route.ts';
import { releaseLease, takeLease } from './lease.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

export function leaseRoutes(app: ManagementApp, parts: ManagementParts): void {
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
    summary: 'Gives the lease back',
    operation: 'lease',
    body: fence,
    handle: async ({ by, body }) => {
      await releaseLease(context, by, body);
      return done();
    },
  });
}
