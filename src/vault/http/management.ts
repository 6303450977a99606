/** The management plane as automation identities speak it: what its routes share. */
import type { IncomingMessage } from 'node:http';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HEADERS } from '../../protocol/signing.ts';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { Observatory } from '../domain/observation.ts';
import { AutomationAuthentication } from './automation-authentication.ts';
import { addAutomationRoutes } from './automation-routes.ts';
import type { ManagementApp, ManagementEnv, ManagementParts } from './parts.ts';
import { invalidRequest, knownError, problemResponse, serverFault } from './problem.ts';

export interface ManagementOptions {
  readonly context: VaultContext;
  readonly stopping: AbortSignal;
  report(error: unknown): void;
}

/** Bytes of a body at most (V7): 500 steps with their records, or the losses of 20,000 objects. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** Whether a request is of an automation identity; people come with a session. */
export function isAutomationRequest(incoming: IncomingMessage): boolean {
  return incoming.headers[HEADERS.automation] !== undefined;
}

/** The app with the routes of automation identities. Every failure is a problem document. */
export function managementApp({ context, stopping, report }: ManagementOptions): ManagementApp {
  const app: ManagementApp = new OpenAPIHono<ManagementEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
  app.onError((error) => {
    const known = knownError(error) ?? malformed(error);
    if (known === null) report(error);
    return problemResponse(known ?? serverFault());
  });
  app.notFound(() => problemResponse(notFound()));
  app.use('/api/*', bodyLimit({ maxSize: LARGEST_BODY, onError: () => problemResponse(tooLarge()) }));
  const parts: ManagementParts = {
    context,
    observatory: new Observatory(context),
    automation: automationMiddleware(new AutomationAuthentication(context)),
    stopping,
    report,
  };
  addAutomationRoutes(app, parts);
  app.openAPIRegistry.registerComponent('securitySchemes', 'automation', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Signature',
    description: 'Ed25519 over the payload line, with X-Automation-Id, X-Timestamp and X-Nonce (design §7).',
  });
  return app;
}

function automationMiddleware(authentication: AutomationAuthentication): MiddlewareHandler<ManagementEnv> {
  return async (c, next) => {
    const actor = await authentication.authenticate(c.req.param('vaultId') ?? '', {
      method: c.req.method,
      target: c.env.incoming.url ?? '',
      header: (name) => c.req.header(name),
      body: new Uint8Array(await c.req.arrayBuffer()),
      source: sourceOf(c),
    });
    c.set('actor', actor);
    await next();
  };
}

/** The address that the connection came from, IPv4 in IPv6 written as IPv4. */
export function sourceOf(c: Context<ManagementEnv>): string {
  return (c.env.incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** Hono throws an HTTPException of status 400 for a body that is no JSON. */
function malformed(error: unknown): DomainError | null {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status !== 400) return null;
  return new DomainError({ code: 'InvalidRequest', status: 400, detail: 'The body is not JSON.' });
}

function notFound(): DomainError {
  return new DomainError({ code: 'RouteNotFound', status: 404, detail: 'There is no such route.' });
}

function tooLarge(): DomainError {
  return new DomainError({
    code: 'BodyTooLarge',
    status: 413,
    detail: `A body has at most ${LARGEST_BODY} bytes.`,
    next: 'Send fewer steps in one request.',
  });
}
