/** Under which UIDs records were seen declared. */
import { ROUTES } from '#protocol/management.ts';
import { sightingsRequest } from '#protocol/schemas.ts';
import { addAutomationRoute, done } from './automation-route.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';
import { recordSightings } from './sightings.ts';

export function sightingRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.sightings,
    summary: 'Marks under which UIDs records were seen declared',
    operation: 'sight',
    body: sightingsRequest,
    refuses: [409, 423],
    handle: async ({ by, body }) => {
      await recordSightings(context, by, body);
      return done();
    },
  });
}
