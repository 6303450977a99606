/** All routes of people in one app (design §7: the management plane as people use it). */
import { alertRoutes } from '../alerts/alert-routes.ts';
import type { VaultContext } from '../domain/context.ts';
import { integrationRoutes } from '../integrations/integration-routes.ts';
import { PAGE, PAGE_HEADERS } from '../join/page.ts';
import { mailRoutes } from '../mail/mail-routes.ts';
import { signUpRoutes } from '../sign-up/sign-up-routes.ts';
import { supportRoutes } from '../support/support-routes.ts';
import { auditExportRoute } from './audit-export-route.ts';
import { cutRoutes } from './cut-routes.ts';
import { enrollmentRoutes } from './enrollment-routes.ts';
import { guardRoutes } from './guard-routes.ts';
import { newPeopleApp, type PeopleApp } from './http.ts';
import { inviteRoutes } from './invite-routes.ts';
import { invitingRoutes } from './inviting-routes.ts';
import { ipAllowlistRoutes } from './ip-allowlist-routes.ts';
import { machineRoutes } from './machine-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { organizationRoutes } from './organization-routes.ts';
import { provisionRoutes } from './provision-routes.ts';
import { secretRoutes } from './secret-routes.ts';
import { PasswordCheck, sessionRoutes } from './session-routes.ts';

export function peoplePlane(context: VaultContext, report: (error: unknown) => void): PeopleApp {
  const app = newPeopleApp(report);
  sessionRoutes(app, context, new PasswordCheck(context));
  signUpRoutes(app, context);
  organizationRoutes(app, context);
  inviteRoutes(app, context);
  invitingRoutes(app, context);
  memberRoutes(app, context);
  cutRoutes(app, context);
  secretRoutes(app, context);
  enrollmentRoutes(app, context);
  machineRoutes(app, context);
  provisionRoutes(app, context);
  ipAllowlistRoutes(app, context);
  guardRoutes(app, context);
  mailRoutes(app, context);
  alertRoutes(app, context);
  integrationRoutes(app, context);
  supportRoutes(app, context);
  auditExportRoute(app, context);
  app.get('/join', (c) => c.body(PAGE, 200, PAGE_HEADERS));
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', { type: 'http', scheme: 'bearer' });
  return app;
}
