/** What a failed pass means: the class of its error, and what the Organization's status says of it. */
import { EngineError } from '#engine/pass-types.ts';
import { ProviderError } from '#provider/provider.ts';
import {
  type AnyReconcileError,
  AuthError,
  type Condition,
  ConflictError,
  classify,
  RateLimitedError,
  TerminalError,
  TransientError,
} from '#runtime/runtime.ts';
import type { Resource } from '../resources.ts';
import { Conditions, type StatusDraft } from './statuses/draft.ts';

/** From this failure on in a row a transient error shows (engineering notes, Errors). */
const SHOWN_FROM = 3;

/** Puts what a pass threw into one of the classes. */
export function failureOf(error: unknown, signal: AbortSignal): AnyReconcileError {
  if (signal.aborted) return classify(error, signal);
  if (error instanceof EngineError)
    return new TerminalError(error.reason, `${error.publicMessage} ${error.next}`.trim(), error);
  if (!(error instanceof ProviderError)) return classify(error, signal);
  const { code, publicMessage } = error;
  switch (error.class) {
    case 'Transient':
      return new TransientError(code, publicMessage, error);
    case 'RateLimited':
      return new RateLimitedError(code, publicMessage, error.retryAfter ?? 1_000, error);
    case 'Auth':
      return new AuthError(code, publicMessage, error);
    case 'Conflict':
      return new ConflictError(code, publicMessage, error);
    case 'Refused':
    case 'Gone':
      return new TerminalError(code, publicMessage, error);
  }
}

/**
 * The Organization's status after a failed pass; null: it stays as it is. What was there of numbers and of the
 * anchor stays: a vault that does not answer is no reason to forget what is known of it.
 */
export function failedStatusOf(
  object: Resource<'Organization'>,
  error: AnyReconcileError,
  failures: number,
  now: number,
): StatusDraft | null {
  const previous = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  const types = ((previous.conditions ?? []) as readonly { type: string }[]).map(({ type }) => type);
  const conditions = new Conditions(object, types, now);
  switch (error.class) {
    case 'Aborted':
    case 'Conflict':
    case 'RateLimited':
      return null;
    case 'Transient':
    case 'Bug':
      if (failures + 1 < SHOWN_FROM || isSaidBySilence(object, error)) return null;
      conditions.ready('reconciling', error.reason, error.publicMessage);
      break;
    case 'Waiting':
      conditions.ready('reconciling', error.reason, error.publicMessage);
      break;
    case 'Terminal':
    case 'Held':
    case 'Auth':
      conditions.ready('stalled', error.reason, error.publicMessage);
      break;
  }
  if (ABOUT_THE_CONNECTION.has(error.reason))
    conditions.set('Connected', false, error.reason, error.publicMessage);
  return {
    ...previous,
    ...(object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }),
    conditions: conditions.list,
  };
}

/** Of a vault that answered before it is said how long it was not heard (`silence.ts`); else that it does not answer. */
function isSaidBySilence({ status }: Resource<'Organization'>, { reason }: AnyReconcileError): boolean {
  if (reason !== 'Unreachable') return false;
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions.some(
    (one) => one.type === 'Connected' && (one.status !== 'False' || one.reason === 'Unreachable'),
  );
}

const ABOUT_THE_CONNECTION = new Set([
  'Unreachable',
  'Sealed',
  'Unauthorized',
  'WrongAudience',
  'VaultNotFound',
  'VaultError',
  'CredentialsMissing',
  'CredentialsForAnotherVault',
  'NamespaceNotEnabled',
  'VaultMoved',
]);
