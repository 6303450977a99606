/** All routes of people in one app (design §7: the management plane as people use it). */
import { alertRoutes } from '../alerts/alert-routes.ts';
import type { VaultContext } from '../domain/context.ts';
import { integrationRoutes } from '../integrations/integration-routes.ts';
import { PAGE, PAGE_HEADERS } from '../join/page.ts';
import { mailRoutes } from '../mail/mail-routes.ts';
import { myRoutes } from '../organizations/my-routes.ts';
import { ownerRoutes } from '../organizations/owner-routes.ts';
import { vaultRoutes } from '../organizations/vault-routes.ts';
import { type Rate, RateLimit } from '../rates.ts';
import type { ServerLog } from '../server-log.ts';
import { signUpRoutes } from '../sign-up/sign-up-routes.ts';
import { supportRoutes } from '../support/support-routes.ts';
import { accessRoutes } from './access/access-routes.ts';
import { groupRoutes } from './access/group-routes.ts';
import { memberAccessRoutes } from './access/member-access-routes.ts';
import { projectRoutes } from './access/project-routes.ts';
import { templateRoutes } from './access/template-routes.ts';
import { accountRoutes } from './account/account-routes.ts';
import { auditExportRoute } from './audit-export-route.ts';
import { automationRoutes } from './automation-routes.ts';
import { cutRoutes } from './cut-routes.ts';
import { enrollmentRoutes } from './enrollment-routes.ts';
import { guardRoutes } from './guard-routes.ts';
import { newPeopleApp, type PeopleApp } from './http.ts';
import { inviteRoutes } from './invite-routes.ts';
import { invitingRoutes } from './inviting-routes.ts';
import { ipAllowlistRoutes } from './ip-allowlist-routes.ts';
import { machineKeyRoutes } from './machine-key-routes.ts';
import { machineRoutes } from './machine-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { provisionRoutes } from './provision-routes.ts';
import { revisionRoute } from './revision-route.ts';
import { secretLifeRoutes } from './secret-life-routes.ts';
import { secretRoutes } from './secret-routes.ts';
import { sessionListRoutes } from './session-list-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { PasskeyCheck } from './sign-in/passkey-check.ts';
import { passkeyRoutes } from './sign-in/passkey-routes.ts';
import { PasswordCheck } from './sign-in/password-check.ts';
import { secondFactorRoutes } from './sign-in/second-factor-routes.ts';
import { trashRoutes } from './trash-routes.ts';
import { writesOnce } from './writes/middleware.ts';
import { repeatable } from './writes/once.ts';

export interface PeoplePlaneOptions {
  readonly rate: Rate;
  readonly report: (error: unknown) => void;
  readonly log: Pick<ServerLog, 'warn'>;
  /** Aborts when the server stops, so that long polls end. */
  readonly stopping: AbortSignal;
}

export function peoplePlane(
  server: VaultContext,
  { rate, report, log, stopping }: PeoplePlaneOptions,
): PeopleApp {
  const app = newPeopleApp(server, new RateLimit(rate), report);
  app.use('/api/*', writesOnce(server));
  const context = repeatable(server);
  const passwords = new PasswordCheck(context);
  sessionRoutes(app, context, { passwords, passkeys: new PasskeyCheck(context) });
  sessionListRoutes(app, context);
  secondFactorRoutes(app, context);
  passkeyRoutes(app, context);
  accountRoutes(app, context, passwords);
  signUpRoutes(app, context);
  automationRoutes(app, context);
  vaultRoutes(app, context, log);
  revisionRoute(app, context, stopping);
  ownerRoutes(app, context, report);
  myRoutes(app, context);
  inviteRoutes(app, context);
  invitingRoutes(app, context);
  memberRoutes(app, context);
  cutRoutes(app, context);
  groupRoutes(app, context);
  memberAccessRoutes(app, context);
  templateRoutes(app, context);
  projectRoutes(app, context);
  accessRoutes(app, context);
  secretRoutes(app, context);
  secretLifeRoutes(app, context);
  trashRoutes(app, context);
  policyRoutes(app, context);
  enrollmentRoutes(app, context);
  machineRoutes(app, context);
  machineKeyRoutes(app, context);
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
