/** How a route of the management plane is laid down: the same schemas check the request and make the document. */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { AutomationActor } from '../act/actor.ts';
import { authorize, OPERATIONS, type Operation } from '../authorization/authorization.ts';
import { requirementOfAutomation } from '../authorization/shown-requirement.ts';
import type { DelegatedCall } from '../automation/delegated-writes.ts';
import { DomainError } from '../common/domain-error.ts';
import { invalidRequest } from '../http/problem.ts';
import { type AutomationRefusal, automationRefusals } from './automation-refusals.ts';
import type { ManagementApp, ManagementEnv, ManagementParts } from './parts.ts';
import { provenanceOf, unwritten, writeOf } from './write-headers.ts';

export interface Request<Body, Query> {
  readonly vaultId: string;
  /** As it was when the request came. */
  readonly actor: AutomationActor;
  /** What the acts of the request are done by: they look at the delegation again. */
  readonly by: DelegatedCall;
  readonly body: Body;
  readonly query: Query;
  readonly c: Context<ManagementEnv>;
}

export interface Route<Body extends z.ZodType, Query extends z.ZodType> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1/vaults/{vaultId}`. */
  readonly path: string;
  readonly summary: string;
  /** What is asked of the identity (V3); steps ask again, each for itself. */
  readonly operation: Operation;
  /** A request with a body that changes nothing: it takes neither `Idempotency-Key` nor `If-Match`. */
  readonly reads?: true;
  readonly body?: Body;
  readonly query?: Query;
  /** Undefined: nothing is answered (204). */
  readonly answer?: z.ZodType;
  /** Answers 304 where `If-None-Match` names the present state. */
  readonly conditional?: true;
  /** Statuses that it refuses by, beside those that follow from the rest of the declaration. */
  readonly refuses?: readonly AutomationRefusal[];
  handle(request: Request<z.output<Body>, z.output<Query>>): Promise<Response>;
}

/** Adds a route of automation identities: authenticated, authorized, checked by its schemas, in this order. */
export function addAutomationRoute<Body extends z.ZodType, Query extends z.ZodType>(
  app: ManagementApp,
  parts: ManagementParts,
  route: Route<Body, Query>,
): void {
  document(app, route);
  app.on(route.method.toUpperCase(), `/api/v1/vaults/:vaultId${route.path}`, parts.automation, async (c) => {
    const { actor: signer, body } = c.get('authenticated');
    const actor = { ...signer, request: { ...signer.request, provenance: provenanceOf(c) } };
    authorize(actor, OPERATIONS[route.operation]);
    const vaultId = c.req.param('vaultId') ?? '';
    return route.handle({
      vaultId,
      actor,
      by: {
        vaultId,
        actor,
        operation: route.operation,
        write: writes(route) ? writeOf(c, body) : unwritten(c, route),
      },
      body: (route.body === undefined ? undefined : checked(route.body, parsed(body))) as z.output<Body>,
      query: (route.query === undefined ? undefined : checked(route.query, c.req.query())) as z.output<Query>,
      c,
    });
  });
}

function writes({ method, reads }: { readonly method: string; readonly reads?: true }): boolean {
  return method !== 'get' && reads !== true;
}

/** JSON of 200. */
export function answered(value: unknown): Response {
  return new Response(JSON.stringify(value), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

/** 204. */
export function done(): Response {
  return new Response(null, { status: 204 });
}

function checked(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidRequest(result.error);
  return result.data;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes what was sent.
    throw new DomainError({
      code: 'InvalidRequest',
      status: 400,
      detail: 'The body is not JSON in UTF-8.',
      next: 'Send an object as JSON.',
    });
  }
}

function document<Body extends z.ZodType, Query extends z.ZodType>(
  app: ManagementApp,
  route: Route<Body, Query>,
): void {
  const { method, path, summary, operation, body, query, answer, conditional, refuses = [] } = route;
  const content = (schema: z.ZodType) => ({ 'application/json': { schema } });
  app.openAPIRegistry.registerPath({
    method,
    path: `/api/v1/vaults/{vaultId}${path}`,
    summary,
    tags: ['automation'],
    request: {
      ...(body === undefined ? {} : { body: { required: true, content: content(body) } }),
      ...(query === undefined ? {} : { query: query as unknown as z.ZodObject }),
    },
    parameters: [
      {
        name: 'vaultId',
        in: 'path',
        required: true,
        schema: { type: 'string', pattern: '^vault_[A-Za-z0-9]{16}$' },
      },
    ],
    security: [{ automation: [] }],
    'x-requires': [{ by: 'automation', operations: [requirementOfAutomation(operation)] }],
    responses: {
      ...(answer === undefined
        ? { 204: { description: 'Done' } }
        : { 200: { description: 'Done', content: content(answer) } }),
      ...(conditional === true ? { 304: { description: 'If-None-Match still holds.' } } : {}),
      ...automationRefusals({ writes: writes(route) }, refuses),
    },
  });
}
