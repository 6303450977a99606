/** All routes of people in one app (design §7: the management plane as people use it). */
import type { VaultContext } from '../domain/context.ts';
import { type Rate, RateLimit } from '../rates.ts';
import { auditExportRoute } from './audit-export-route.ts';
import { automationRoutes } from './automation-routes.ts';
import { cutRoutes } from './cut-routes.ts';
import { enrollmentRoutes } from './enrollment-routes.ts';
import { guardRoutes } from './guard-routes.ts';
import { newPeopleApp, type PeopleApp } from './http.ts';
import { inviteRoutes } from './invite-routes.ts';
import { ipAllowlistRoutes } from './ip-allowlist-routes.ts';
import { machineKeyRoutes } from './machine-key-routes.ts';
import { machineRoutes } from './machine-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { organizationRoutes } from './organization-routes.ts';
import { provisionRoutes } from './provision-routes.ts';
import { secretRoutes } from './secret-routes.ts';
import { PasswordCheck, sessionRoutes } from './session-routes.ts';
import { writesOnce } from './writes/middleware.ts';
import { repeatable } from './writes/once.ts';

export function peoplePlane(server: VaultContext, rate: Rate, report: (error: unknown) => void): PeopleApp {
  const app = newPeopleApp(server, new RateLimit(rate), report);
  app.use('/api/*', writesOnce(server));
  const context = repeatable(server);
  sessionRoutes(app, context, new PasswordCheck(context));
  organizationRoutes(app, context);
  automationRoutes(app, context);
  inviteRoutes(app, context);
  memberRoutes(app, context);
  cutRoutes(app, context);
  secretRoutes(app, context);
  enrollmentRoutes(app, context);
  machineRoutes(app, context);
  machineKeyRoutes(app, context);
  provisionRoutes(app, context);
  ipAllowlistRoutes(app, context);
  guardRoutes(app, context);
  auditExportRoute(app, context);
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', { type: 'http', scheme: 'bearer' });
  return app;
}
