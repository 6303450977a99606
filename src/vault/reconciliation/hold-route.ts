/** What is held, kept until it is approved or taken back (rail 1). */
import { ROUTES } from '#protocol/management.ts';
import { holdsRequest } from '#protocol/schemas.ts';
import { writeDelegated } from '../automation/delegated-writes.ts';
import { keepHolds } from '../managed/holds.ts';
import { addAutomationRoute, done } from './automation-route.ts';
import { checkFence, checkFreeze } from './lease.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

export function holdRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.holds,
    summary: 'Replaces what is held until it is approved or taken back (rail 1)',
    operation: 'hold',
    body: holdsRequest,
    refuses: [409, 423],
    handle: async ({ by, body }) => {
      await writeDelegated(context, by, async (act, actor) => {
        const { freeze } = await checkFence(act, actor, body.fence);
        checkFreeze(freeze, []);
        await keepHolds(act, body);
      });
      return done();
    },
  });
}
