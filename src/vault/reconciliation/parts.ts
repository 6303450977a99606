/** What a route of the management plane has in hand. */
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { VaultContext } from '../act/context.ts';
import type { Authenticated } from '../automation/automation-authentication.ts';
import type { Observatory } from './observation.ts';

export interface ManagementEnv {
  Bindings: HttpBindings;
  Variables: {
    authenticated: Authenticated;
  };
}

export type ManagementApp = OpenAPIHono<ManagementEnv>;

/** What routes have in hand besides the request. */
export interface ManagementParts {
  readonly context: VaultContext;
  readonly observatory: Observatory;
  /** Lets a request of an automation identity of the vault in the path through; sets `authenticated`. */
  readonly automation: MiddlewareHandler<ManagementEnv>;
  /** Throws 401 `Unauthenticated` where what the request was let through by is over by now. */
  requireCurrent(authenticated: Authenticated): Promise<void>;
  /** Aborts when the server stops, so that long polls end. */
  readonly stopping: AbortSignal;
  /** For faults that are not the caller's. */
  report(error: unknown): void;
}
