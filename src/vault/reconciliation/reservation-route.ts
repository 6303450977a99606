/** Losses reserved before their steps run (rail 1). */
import { ROUTES } from '#protocol/management.ts';
import { reservationRequest } from '#protocol/schemas.ts';
import { authorizeReservation } from '../automation/automation-bounds.ts';
import { writeDelegated } from '../automation/delegated-writes.ts';
import { reservationAnswer } from '../http/answer-schemas.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import { checkFence, checkFreeze } from './lease.ts';
import { reserve } from './losses.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

export function reservationRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.reservations,
    summary: 'Reserves losses of one class, all or none (rail 1)',
    operation: 'reserve',
    body: reservationRequest,
    answer: reservationAnswer,
    refuses: [409, 423],
    handle: async ({ by, body }) =>
      answered(
        await writeDelegated(context, by, async (act, actor) => {
          const { freeze } = await checkFence(act, actor, body.fence);
          checkFreeze(freeze, body.actions);
          authorizeReservation(actor, body.actions);
          return reserve(act, body);
        }),
      ),
  });
}
