/** The management plane as automation identities speak it: what its routes share. */
import type { IncomingMessage } from 'node:http';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { HEADERS } from '#protocol/signing.ts';
import type { VaultContext } from '../act/context.ts';
import { AutomationAuthentication } from '../automation/automation-authentication.ts';
import { DomainError } from '../common/domain-error.ts';
import { sourceOf } from '../http/network.ts';
import { invalidRequest, knownError, problemResponse, serverFault } from '../http/problem.ts';
import type { Rate } from '../http/rates.ts';
import { bytesOf, declaredLength } from '../http/request-body.ts';
import { Observatory } from '../reconciliation/observation.ts';
import type { ManagementApp, ManagementEnv, ManagementParts } from '../reconciliation/parts.ts';
import { addAutomationRoutes } from '../reconciliation/reconciliation-routes.ts';

export interface ManagementOptions {
  readonly context: VaultContext;
  readonly stopping: AbortSignal;
  readonly rate: Rate;
  report(error: unknown): void;
}

/** Whether a request is of an automation identity; people come with a session. */
export function isAutomationRequest(incoming: IncomingMessage): boolean {
  return incoming.headers[HEADERS.automation] !== undefined;
}

/** The app with the routes of automation identities. Every failure is a problem document. */
export function managementApp({ context, stopping, rate, report }: ManagementOptions): ManagementApp {
  const app: ManagementApp = new OpenAPIHono<ManagementEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
  app.onError((error) => {
    const known = knownError(error);
    if (known === null) report(error);
    return problemResponse(known ?? serverFault());
  });
  app.notFound(() => problemResponse(notFound()));
  const authentication = new AutomationAuthentication(context, rate);
  const parts: ManagementParts = {
    context,
    observatory: new Observatory(context),
    automation: automationMiddleware(context, authentication),
    requireCurrent: (authenticated) => authentication.requireCurrent(authenticated),
    stopping,
    report,
  };
  addAutomationRoutes(app, parts);
  app.openAPIRegistry.registerComponent('securitySchemes', 'automation', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Signature',
    description:
      'Ed25519 over {X-Audience}:{method}:{target}:{X-Timestamp}:{X-Nonce}:{hash of the body}:{hash of the signed headers}, ' +
      'sent with X-Automation-Id, X-Audience, X-Timestamp and X-Nonce. X-Audience is the origin of the URL in the ' +
      'credentials; one that the server does not accept is 401 WrongAudience (docs/signatures.md).',
  });
  return app;
}

function automationMiddleware(
  { network }: Pick<VaultContext, 'network'>,
  authentication: AutomationAuthentication,
): MiddlewareHandler<ManagementEnv> {
  return async (c, next) => {
    const { incoming } = c.env;
    const authenticated = await authentication.authenticate(c.req.param('vaultId') ?? '', {
      method: c.req.method,
      target: incoming.url ?? '',
      header: (name) => c.req.header(name),
      length: declaredLength(incoming),
      body: (limit) => bytesOf(incoming, limit),
      source: sourceOf(incoming, network),
    });
    c.set('authenticated', authenticated);
    await next();
  };
}

const NO_ROUTE = 'Look for method and path among the routes of GET /api/v1/openapi.json.';

function notFound(): DomainError {
  return new DomainError({
    code: 'RouteNotFound',
    status: 404,
    detail: 'There is no such route.',
    next: NO_ROUTE,
  });
}
