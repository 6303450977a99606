/** The routes of automation identities (protocol/management.ts): a file a noun of the URL. */

import { auditProofRoute } from './audit-proof-route.ts';
import { changesRoute } from './changes-route.ts';
import { automationFreezeRoute } from './freeze-routes.ts';
import { holdRoute } from './hold-route.ts';
import { keyUseRoute } from './key-use-route.ts';
import { automationLeaseRoutes } from './lease-routes.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';
import { reservationRoute } from './reservation-route.ts';
import { sightingRoute } from './sighting-route.ts';
import { snapshotRoute } from './snapshot-route.ts';
import { stepRoute } from './step-route.ts';
import { syncRoute } from './sync-route.ts';
import { traceRoute } from './trace-route.ts';

/** Adds them to the app. */
export function addAutomationRoutes(app: ManagementApp, parts: ManagementParts): void {
  snapshotRoute(app, parts);
  changesRoute(app, parts);
  automationLeaseRoutes(app, parts);
  reservationRoute(app, parts);
  holdRoute(app, parts);
  stepRoute(app, parts);
  sightingRoute(app, parts);
  syncRoute(app, parts);
  automationFreezeRoute(app, parts);
  auditProofRoute(app, parts);
  traceRoute(app, parts);
  keyUseRoute(app, parts);
}
