/** All routes of people in one app (design §7: the management plane as people use it). */

import { accessRoutes } from '../access/access-routes.ts';
import { meRoutes } from '../accounts/me-routes.ts';
import { passwordResetRoutes } from '../accounts/password-reset-routes.ts';
import { sessionRoutes } from '../accounts/session-routes.ts';
import { PasskeyCheck } from '../accounts/sign-in/passkey-check.ts';
import { passkeyRoutes } from '../accounts/sign-in/passkey-routes.ts';
import { PasswordCheck } from '../accounts/sign-in/password-check.ts';
import { secondFactorRoutes } from '../accounts/sign-in/second-factor-routes.ts';
import { accountRoutes } from '../accounts/sign-up/account-routes.ts';
import type { VaultContext } from '../act/context.ts';
import { alertRoutes } from '../alerts/alert-routes.ts';
import { automationRoutes } from '../automation/automation-routes.ts';
import type { ServerLog } from '../common/server-log.ts';
import { groupRoutes } from '../groups/group-routes.ts';
import { type Rate, RateLimit } from '../http/rates.ts';
import { integrationRoutes } from '../integrations/integration-routes.ts';
import { PAGE, PAGE_HEADERS } from '../join/join-page.ts';
import { bootstrapTokenRoutes } from '../machines/bootstrap-token-routes.ts';
import { enrollmentTokenRoutes } from '../machines/enrollment-token-routes.ts';
import { ipAllowlistRoutes } from '../machines/ip-allowlist-routes.ts';
import { machineKeyRoutes } from '../machines/machine-key-routes.ts';
import { machineRoutes } from '../machines/machine-routes.ts';
import { inviteRoutes } from '../members/invite-routes.ts';
import { memberRoutes } from '../members/member-routes.ts';
import { confirmationRoutes } from '../organizations/confirmation-routes.ts';
import { ownershipRoutes } from '../organizations/ownership-routes.ts';
import { reacceptanceRoutes } from '../organizations/reacceptance-routes.ts';
import { vaultRoutes } from '../organizations/vault-routes.ts';
import { writesOnce } from '../people-api/middleware.ts';
import { repeatable } from '../people-api/once.ts';
import { newPeopleApp, type PeopleApp } from '../people-api/people-app.ts';
import { projectRoutes } from '../projects/project-routes.ts';
import { approvalRoutes } from '../reconciliation/approval-routes.ts';
import { cutRoutes } from '../reconciliation/cut-routes.ts';
import { freezeRoutes } from '../reconciliation/freeze-routes.ts';
import { leaseRoutes } from '../reconciliation/lease-routes.ts';
import { revisionRoute } from '../reconciliation/revision-route.ts';
import { policyRoutes } from '../secrets/policy-routes.ts';
import { secretRoutes } from '../secrets/secret-routes.ts';
import { storageRoutes } from '../secrets/storage-routes.ts';
import { trashRoutes } from '../secrets/trash-routes.ts';
import { supportRoutes } from '../support/support-routes.ts';
import { templateRoutes } from '../templates/template-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { mailRoutes } from './mail-routes.ts';

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
  secondFactorRoutes(app, context);
  passkeyRoutes(app, context);
  meRoutes(app, context);
  passwordResetRoutes(app, context, passwords);
  accountRoutes(app, context);
  automationRoutes(app, context);
  vaultRoutes(app, context, log);
  revisionRoute(app, context, stopping);
  ownershipRoutes(app, context);
  reacceptanceRoutes(app, context, report);
  confirmationRoutes(app, context);
  inviteRoutes(app, context);
  memberRoutes(app, context);
  groupRoutes(app, context);
  templateRoutes(app, context);
  projectRoutes(app, context);
  accessRoutes(app, context);
  secretRoutes(app, context);
  storageRoutes(app, context);
  trashRoutes(app, context);
  policyRoutes(app, context);
  enrollmentTokenRoutes(app, context);
  bootstrapTokenRoutes(app, context);
  machineRoutes(app, context);
  machineKeyRoutes(app, context);
  ipAllowlistRoutes(app, context);
  approvalRoutes(app, context);
  freezeRoutes(app, context);
  cutRoutes(app, context);
  leaseRoutes(app, context);
  auditRoutes(app, context);
  mailRoutes(app, context);
  alertRoutes(app, context);
  integrationRoutes(app, context);
  supportRoutes(app, context);
  app.get('/join', (c) => c.body(PAGE, 200, PAGE_HEADERS));
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', { type: 'http', scheme: 'bearer' });
  return app;
}
