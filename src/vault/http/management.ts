/** The management plane as automation identities speak it: what its routes share. */
import type { IncomingMessage } from 'node:http';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { HEADERS } from '../../protocol/signing.ts';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { Observatory } from '../domain/observation.ts';
import { sourceOf } from '../network.ts';
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
    const known = knownError(error);
    if (known === null) report(error);
    return problemResponse(known ?? serverFault());
  });
  app.notFound(() => problemResponse(notFound()));
  const parts: ManagementParts = {
    context,
    observatory: new Observatory(context),
    automation: automationMiddleware(context, new AutomationAuthentication(context)),
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

function automationMiddleware(
  { network }: Pick<VaultContext, 'network'>,
  authentication: AutomationAuthentication,
): MiddlewareHandler<ManagementEnv> {
  return async (c, next) => {
    const body = await bytesOf(c.env.incoming);
    const actor = await authentication.authenticate(c.req.param('vaultId') ?? '', {
      method: c.req.method,
      target: c.env.incoming.url ?? '',
      header: (name) => c.req.header(name),
      body,
      source: sourceOf(c.env.incoming, network),
    });
    c.set('actor', actor);
    c.set('body', body);
    await next();
  };
}

/**
 * The bytes as they came. Hono's body limit is not used: it makes a new global Request of what was read, which
 * its node server, told to leave the globals alone, cannot give it.
 */
async function bytesOf(incoming: IncomingMessage): Promise<Uint8Array> {
  if (Number(incoming.headers['content-length'] ?? 0) > LARGEST_BODY) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
