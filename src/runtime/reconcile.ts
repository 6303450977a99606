import type { AnyReconcileError } from './errors.ts';

/** What a reconcile asks for at its end. Nothing: it is enqueued again by a change. */
export interface ReconcileResult {
  /** Look again after this long (milliseconds, before jitter). */
  readonly againAfterMs?: number | undefined;
}

export interface ReconcileContext {
  readonly signal: AbortSignal;
  /** Failures in a row before this run: 0 at first. */
  readonly failures: number;
}

/**
 * Brings one object, named by its key, to where it should be. Level-based: it is never told why it
 * runs. Throws a `ReconcileError`; other errors are put into a class by `classify`.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that returns nothing is the usual case
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult | void>;

/** What the queue does with a key after a run. */
export type Again =
  | { readonly do: 'forget' }
  | { readonly do: 'at-once' }
  | { readonly do: 'after'; readonly ms: number }
  | { readonly do: 'back-off' }
  | { readonly do: 'back-off-slowly' };

/** The one table of what follows an error (engineering notes, Errors). `failures` counts this one. */
export function againAfter(
  error: AnyReconcileError,
  failures: number,
  now: number,
  random = Math.random,
): Again {
  switch (error.class) {
    case 'Terminal':
    case 'Waiting':
    case 'Aborted':
      return { do: 'forget' };
    case 'Held':
      return error.wakeAt === undefined
        ? { do: 'forget' }
        : { do: 'after', ms: Math.max(0, error.wakeAt - now) };
    case 'Conflict':
      // Once at once; whoever keeps writing against us is then met with patience.
      return failures <= 1 ? { do: 'at-once' } : { do: 'back-off' };
    case 'RateLimited':
      // Spread a little, so that all who were refused do not come back at once.
      return { do: 'after', ms: error.retryAfterMs * (1 + 0.2 * random()) };
    case 'Auth':
      return { do: 'back-off-slowly' };
    case 'Transient':
    case 'Bug':
      return { do: 'back-off' };
  }
}
