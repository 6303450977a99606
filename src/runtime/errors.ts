import { KubeError } from '#kube/kube.ts';

/**
 * Why a reconcile did not finish. `reason` is a CamelCase constant of the program's table of reasons;
 * `publicMessage` is built from known fields and is all that conditions, Events and the command line show.
 */
export abstract class ReconcileError extends Error {
  abstract readonly class: ErrorClass;
  readonly reason: string;
  readonly publicMessage: string;

  constructor(reason: string, publicMessage: string, cause?: unknown) {
    super(`${reason}: ${publicMessage}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.reason = reason;
    this.publicMessage = publicMessage;
  }

  /** For the log of whoever runs the program, where the cause says more than others may read; null: it does not. */
  get diagnosis(): string | null {
    const { diagnosis } = (this.cause ?? {}) as { readonly diagnosis?: unknown };
    return typeof diagnosis === 'string' ? diagnosis : null;
  }
}

export type ErrorClass =
  | 'Terminal'
  | 'Waiting'
  | 'Held'
  | 'Transient'
  | 'RateLimited'
  | 'Conflict'
  | 'Auth'
  | 'Aborted'
  | 'Bug';

/** The spec is wrong, a Secret is somebody else's, a name is taken: only a change helps. */
export class TerminalError extends ReconcileError {
  readonly class = 'Terminal';
}

/** A reference is missing or not ready; whoever watches it enqueues the object again. */
export class WaitingError extends ReconcileError {
  readonly class = 'Waiting';
}

/** A rail or a pending approval holds it; the approval, the window or a change wakes it. */
export class HeldError extends ReconcileError {
  readonly class = 'Held';
  /** Clock time at which the window opens, if one does. */
  readonly wakeAt: number | undefined;

  constructor(reason: string, publicMessage: string, wakeAt?: number) {
    super(reason, publicMessage);
    this.wakeAt = wakeAt;
  }
}

/** Network, 5xx, timeout. */
export class TransientError extends ReconcileError {
  readonly class = 'Transient';
}

/** 429, or 503 with a time. Whoever speaks to the endpoint keeps others from it meanwhile. */
export class RateLimitedError extends ReconcileError {
  readonly class = 'RateLimited';
  readonly retryAfterMs: number;

  constructor(reason: string, publicMessage: string, retryAfterMs: number, cause?: unknown) {
    super(reason, publicMessage, cause);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Somebody else wrote in between. */
export class ConflictError extends ReconcileError {
  readonly class = 'Conflict';
}

/** 401 or 403. */
export class AuthError extends ReconcileError {
  readonly class = 'Auth';
}

/** Shutdown, or the lease was lost. */
export class AbortedError extends ReconcileError {
  readonly class = 'Aborted';
}

/** Anything that nobody foresaw. Its message is not public; the cause and its stack go to the log. */
export class BugError extends ReconcileError {
  readonly class = 'Bug';

  constructor(cause: unknown) {
    super('InternalError', 'an internal error; the log of the operator has the details', cause);
  }
}

export type AnyReconcileError =
  | TerminalError
  | WaitingError
  | HeldError
  | TransientError
  | RateLimitedError
  | ConflictError
  | AuthError
  | AbortedError
  | BugError;

/** Puts whatever was thrown into one of the classes. */
export function classify(error: unknown, signal?: AbortSignal): AnyReconcileError {
  if (isReconcileError(error)) return error;
  if (error instanceof KubeError) return classifyKubeError(error);
  if (signal?.aborted === true) return new AbortedError('Aborted', 'stopped before it was finished', error);
  return new BugError(error);
}

function isReconcileError(error: unknown): error is AnyReconcileError {
  return error instanceof ReconcileError;
}

function classifyKubeError(error: KubeError): AnyReconcileError {
  const message = error.publicMessage;
  if (error.reason === 'Aborted') return new AbortedError('Aborted', message, error);
  if (error.reason === 'CredentialsError') return new AuthError('KubernetesUnauthorized', message, error);
  switch (error.code) {
    case 401:
      return new AuthError('KubernetesUnauthorized', message, error);
    case 403:
      return new AuthError('KubernetesForbidden', message, error);
    case 409:
      return new ConflictError('KubernetesConflict', message, error);
    case 429:
      return new RateLimitedError('KubernetesRateLimited', message, error.retryAfterMs ?? 1_000, error);
    case 400:
    case 413:
    case 415:
    case 422:
      return new TerminalError('KubernetesInvalid', message, error);
    default:
      return new TransientError('KubernetesUnavailable', message, error);
  }
}

/** The reasons that this folder gives, with what they mean. */
export const RUNTIME_REASONS = {
  Aborted: 'the operator was stopping, or another one took over',
  InternalError: 'an error that nobody foresaw; see the log',
  KubernetesUnauthorized: 'the API server does not accept the operator’s credentials',
  KubernetesForbidden: 'RBAC does not allow the operator to do this',
  KubernetesConflict: 'another writer changed the object in between',
  KubernetesRateLimited: 'the API server asked to slow down',
  KubernetesInvalid: 'the API server refused an object as invalid',
  KubernetesUnavailable: 'the API server could not be reached or answered with an error',
} as const;
