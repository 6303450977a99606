/** Values for machines that prove themselves (V9). */
import { ROUTES } from '#protocol/management.ts';
import { syncRequest } from '#protocol/schemas.ts';
import { syncAnswer } from '../http/answer-schemas.ts';
import { sourceOf } from '../http/network.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';
import { sync } from './sync.ts';

export function syncRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.sync,
    summary: 'Values for machines that prove themselves by their keys (V9)',
    operation: 'sync',
    reads: true,
    body: syncRequest,
    answer: syncAnswer,
    refuses: [503],
    handle: async ({ by, body, c }) => {
      const source = sourceOf(c.env.incoming, context.network);
      const { audience } = c.get('authenticated');
      return answered(await sync(context, by, body, { source, audience }));
    },
  });
}
