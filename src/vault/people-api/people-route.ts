/**
 * How a route of people is laid down: one declaration says method, path, what it requires (V3), what it takes, answers
 * and refuses. The same declaration checks the request, asks `authorize`, and makes the OpenAPI document and
 * docs/routes.md.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Act, VaultContext } from '../act/context.ts';
import type { Operation } from '../authorization/authorization.ts';
import { requirementOfPeople } from '../authorization/shown-requirement.ts';
import type { Session } from '../sessions/sessions.ts';
import { type PeopleApp, type PeopleEnv, signedIn, vaultId as vaultIdParam } from './people-app.ts';
import { requireRecentProof } from './reauthentication.ts';
import { referencesIn } from './references.ts';
import { type RefusalStatus, refusalEntries, refusalsOf } from './refusal-statuses.ts';
import { openCall, type VaultCall } from './vault-call.ts';

/** What a route answers where it refuses nothing. */
interface Answer<Schema extends z.ZodType> {
  /** Default 200 with a schema, 204 without. */
  readonly status?: 200 | 201 | 202 | 204;
  readonly description: string;
  readonly schema?: Schema;
  /** Shown once and kept nowhere (`no-store`). */
  readonly isOneTime?: true;
  /** Another type than JSON: the route answers a Response of its own. */
  readonly type?: string;
  /** Another answer, without a body, that the route may give instead. */
  readonly or?: { readonly status: 204; readonly description: string };
}

type Params = Readonly<Record<string, z.ZodType>>;
type Outputs<P extends Params> = { readonly [Name in keyof P]: z.output<P[Name]> };

/** What every route of people declares. */
interface Declaration<
  P extends Params,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Schema extends z.ZodType,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Whole, with `{names}`; `{vaultId}` is known and not among `params`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** By `references.ts`, or ids with a pattern. What a `reference` names reaches the route as its name. */
  readonly params?: P;
  readonly query?: Query;
  readonly body?: Body;
  /** A body may be left out. */
  readonly isBodyOptional?: true;
  readonly answer?: Answer<Schema>;
  /** Refusals beside those that follow from the rest of the declaration (`refusalsOf`). */
  readonly refuses?: readonly RefusalStatus[];
  /** The person has proven who they are within five minutes (O1, V4). */
  readonly proof?: true;
}

/** A request whose parts its schemas have checked. */
export interface Request<P extends Params, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly params: Outputs<P>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly c: Context<PeopleEnv>;
}

export interface AccountRequest<P extends Params, Query extends z.ZodObject, Body extends z.ZodType>
  extends Request<P, Query, Body> {
  readonly session: Session;
}

/** A request in a vault, whose operation the caller may do. */
export interface VaultRequest<P extends Params, Query extends z.ZodObject, Body extends z.ZodType>
  extends AccountRequest<P, Query, Body>,
    VaultCall {}

/** What a handler gives: the answer before its schema, or a Response of its own. */
type AnswerValue<Schema extends z.ZodType> = z.input<Schema> | Response;

/** An operation, or which of several it is by the request. */
type Asked<P extends Params, Query extends z.ZodObject, Body extends z.ZodType> =
  | Operation
  | { readonly among: readonly Operation[]; of(request: Request<P, Query, Body>): Operation };

type VaultRoute<
  P extends Params,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Schema extends z.ZodType,
> = Declaration<P, Query, Body, Schema> & {
  /** What is asked of the caller (V3), before anything is done and again under the lock. */
  readonly operation: Asked<P, Query, Body>;
  /** The path parameter that names the project in which the operation is judged (T3). */
  readonly project?: keyof P & string;
  /** Operations that depend on what the request is about, asked by `requireAlso`. */
  readonly also?: readonly Operation[];
} & (
    | {
        /** One act in one transaction (A2). */
        act(act: Act, request: VaultRequest<P, Query, Body>): Promise<AnswerValue<Schema>>;
      }
    | {
        /** What reads, or is more than one act: each of them by `acting`. */
        run(request: VaultRequest<P, Query, Body>): Promise<AnswerValue<Schema>>;
      }
  );

/** Adds a route in a vault. Order: schemas, session, operation, proof, then the act. */
export function addPeopleRoute<
  P extends Params = Record<never, never>,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Schema extends z.ZodType = z.ZodType,
>(app: PeopleApp, context: VaultContext, route: VaultRoute<P, Query, Body, Schema>): void {
  const { operation: asked, project: projectParam, also = [] } = route;
  const operations = typeof asked === 'string' ? [asked] : asked.among;
  const shown = (listed: readonly Operation[]) =>
    listed.map((operation) => requirementOfPeople(operation, route.method === 'get'));
  const requires = {
    by: 'person',
    operations: shown(operations),
    ...(projectParam === undefined ? {} : { project: projectParam }),
    // The tier is not asked for them: what needs it says so.
    ...(also.length === 0
      ? {}
      : { also: shown(also).map(({ operation, requires }) => ({ operation, requires })) }),
    ...(route.proof === true ? { proof: true } : {}),
  };
  add(app, route, { requires, operations }, async (request) => {
    const session = await signedIn(request.c, context);
    const { vaultId } = request.params as unknown as { vaultId: string };
    const call = await openCall(context, session, {
      vaultId,
      operation: typeof asked === 'string' ? asked : asked.of(request),
      references: referencesIn(route.params ?? {}, request.params),
      projectParameter: projectParam,
      also,
    });
    if (route.proof === true) requireRecentProof(session, context.clock.now());
    const named = { ...request, params: { ...request.params, ...call.caller.names } };
    return 'act' in route
      ? call.underLock((act, caller) => route.act(act, { ...named, ...call, caller }))
      : route.run({ ...named, ...call });
  });
}

/** Adds a route of an account, in whichever vault it is or in none: a session is all that it requires. */
export function addAccountRoute<
  P extends Params = Record<never, never>,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Schema extends z.ZodType = z.ZodType,
>(
  app: PeopleApp,
  context: VaultContext,
  route: Declaration<P, Query, Body, Schema> & {
    run(request: AccountRequest<P, Query, Body>): Promise<AnswerValue<Schema>>;
  },
): void {
  const requires = { by: 'account', ...(route.proof === true ? { proof: true } : {}) };
  add(app, route, { requires, operations: [] }, async (request) => {
    const session = await signedIn(request.c, context);
    if (route.proof === true) requireRecentProof(session, context.clock.now());
    return route.run({ ...request, session });
  });
}

/** Adds a route that anybody may ask, before there is a session. */
export function addOpenRoute<
  P extends Params = Record<never, never>,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Schema extends z.ZodType = z.ZodType,
>(
  app: PeopleApp,
  route: Omit<Declaration<P, Query, Body, Schema>, 'proof'> & {
    run(request: Request<P, Query, Body>): Promise<AnswerValue<Schema>>;
  },
): void {
  add(app, route, { requires: { by: 'anybody' }, operations: [] }, (request) => route.run(request));
}

/** What the document says under `x-requires`, and the operations that the caller is asked for. */
interface Requires {
  readonly requires: { readonly by: string };
  readonly operations: readonly Operation[];
}

function add<P extends Params, Query extends z.ZodObject, Body extends z.ZodType, Schema extends z.ZodType>(
  app: PeopleApp,
  route: Declaration<P, Query, Body, Schema>,
  { requires, operations }: Requires,
  handle: (request: Request<P, Query, Body>) => Promise<AnswerValue<Schema>>,
): void {
  const { method, path, summary, description, params, query, body, answer } = route;
  const isSignedIn = requires.by !== 'anybody';
  const inPath = {
    ...(path.includes('{vaultId}') ? { vaultId: vaultIdParam } : {}),
    ...params,
  };
  const { status, entries } = answersOf(answer);
  const declared = createRoute({
    method,
    path,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isSignedIn ? { security: [{ session: [] }] } : {}),
    'x-requires': [requires],
    request: {
      ...(Object.keys(inPath).length === 0 ? {} : { params: z.object(inPath) }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined
        ? {}
        : {
            body: {
              required: route.isBodyOptional !== true,
              content: { 'application/json': { schema: body } },
            },
          }),
    },
    responses: { ...entries, ...refusalEntries(refusalsOf(route, isSignedIn, operations)) },
  });
  app.openapi(declared, (async (c: Context<PeopleEnv>) => {
    const valid = (part: string) => c.req.valid(part as never) as never;
    const given = await handle({
      params: (Object.keys(inPath).length === 0 ? {} : valid('param')) as Outputs<P>,
      query: (query === undefined ? {} : valid('query')) as z.output<Query>,
      body: (body === undefined ? undefined : valid('json')) as z.output<Body>,
      c,
    });
    if (given instanceof Response) return given;
    if (answer?.isOneTime === true) c.header('cache-control', 'no-store');
    return answer?.schema === undefined ? c.body(null, status) : c.json(given as object, status as 200);
  }) as never);
}

/** The status of a route that is done, and what the document says of it. */
function answersOf(answer: Answer<z.ZodType> | undefined): {
  status: 200 | 201 | 202 | 204;
  entries: Record<string, { description: string; content?: Record<string, { schema: z.ZodType }> }>;
} {
  if (answer === undefined) return { status: 204, entries: { 204: { description: 'Done.' } } };
  const { description, schema, type = 'application/json', or } = answer;
  const status = answer.status ?? (schema === undefined ? 204 : 200);
  return {
    status,
    entries: {
      [status]: { description, ...(schema === undefined ? {} : { content: { [type]: { schema } } }) },
      ...(or === undefined ? {} : { [or.status]: { description: or.description } }),
    },
  };
}
