/** What a route of the management plane has in hand. */
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { AutomationActor } from '../domain/actor.ts';
import type { VaultContext } from '../domain/context.ts';
import type { Observatory } from '../domain/observation.ts';

export interface ManagementEnv {
  Bindings: HttpBindings;
  Variables: {
    actor: AutomationActor;
    /** As received: what the signature is over. */
    body: Uint8Array;
  };
}

export type ManagementApp = OpenAPIHono<ManagementEnv>;

/** What routes have in hand besides the request. */
export interface ManagementParts {
  readonly context: VaultContext;
  readonly observatory: Observatory;
  /** Lets a request of an automation identity of the vault in the path through; sets `actor` and `body`. */
  readonly automation: MiddlewareHandler<ManagementEnv>;
  /** Aborts when the server stops, so that long polls end. */
  readonly stopping: AbortSignal;
  /** For faults that are not the caller's. */
  report(error: unknown): void;
}
