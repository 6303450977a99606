/** `Status` as the API server sends it; only the fields that are read here. */
export interface StatusBody {
  kind?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: {
    name?: string;
    kind?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; field?: string }[];
  };
}

/** What was being asked when it failed: all that a message is built from. */
export interface CallDescription {
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * A failed call. It carries no request or response body: the server's own message may quote field
 * values, and the fields may be a Secret's.
 */
export class KubeError extends Error {
  /** HTTP status, or 0 when there was no answer. */
  readonly code: number;
  /**
   * `Status.reason` of the API server; without an answer one of ours: `Aborted`, `RequestTimeout`,
   * `NetworkError`, `InvalidResponse`, `CredentialsError`.
   */
  readonly reason: string;
  /** Safe to show in conditions, Events and logs. */
  readonly publicMessage: string;
  readonly call: CallDescription;
  /** Reasons in `Status.details.causes`, such as `NamespaceTerminating`. */
  readonly causes: readonly string[];
  /** Paths of the fields that were refused; no values. */
  readonly fields: readonly string[];
  /** From `Retry-After` or `Status.details.retryAfterSeconds`. */
  readonly retryAfterMs: number | undefined;
  /** True if the server said that the named object is absent, and not that the path is unknown to it. */
  readonly objectAbsent: boolean;

  constructor(
    call: CallDescription,
    failure: {
      code: number;
      reason: string;
      causes?: readonly string[];
      fields?: readonly string[];
      retryAfterMs?: number | undefined;
      objectAbsent?: boolean;
      /** A constant that says more, such as ECONNREFUSED. */
      detail?: string | undefined;
      cause?: unknown;
    },
  ) {
    const of = call.name === undefined ? (call.namespace ?? '') : keyText(call.namespace, call.name);
    const fields = failure.fields ?? [];
    const message =
      `${call.verb} ${call.resource}${of === '' ? '' : ` ${of}`}: ` +
      (failure.code === 0 ? failure.reason : `${failure.code} ${failure.reason}`) +
      (fields.length === 0 ? '' : ` (${fields.join(', ')})`) +
      (failure.detail === undefined ? '' : ` (${failure.detail})`);
    super(message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = 'KubeError';
    this.call = call;
    this.code = failure.code;
    this.reason = failure.reason;
    this.publicMessage = message;
    this.causes = failure.causes ?? [];
    this.fields = fields;
    this.retryAfterMs = failure.retryAfterMs;
    this.objectAbsent = failure.objectAbsent ?? false;
  }
}

/** Builds the error of an answer with status 400 and above. `body` is its text; it is read and dropped. */
export function errorOfResponse(
  call: CallDescription,
  response: { status: number; header(name: string): string | undefined },
  body: string,
): KubeError {
  const status = parseStatus(body);
  const seconds = Number(response.header('retry-after') ?? status?.details?.retryAfterSeconds ?? Number.NaN);
  const causes = status?.details?.causes ?? [];
  const reasons = causes.flatMap((cause) => (cause.reason === undefined ? [] : [cause.reason]));
  // The admission plugin ResourceQuota says so in its message alone; what else stands there is not kept.
  if (response.status === 403 && status?.message?.includes('exceeded quota:') === true) reasons.push(QUOTA);
  return new KubeError(call, {
    code: response.status,
    reason: status?.reason || reasonOfCode(response.status),
    causes: reasons,
    fields: causes.flatMap((cause) => (cause.field === undefined ? [] : [cause.field])),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
    // A kind that is not served answers 404 as plain text or with no name: that says nothing about the object.
    objectAbsent:
      response.status === 404 &&
      status?.reason === 'NotFound' &&
      call.name !== undefined &&
      status.details?.name === call.name,
  });
}

/** Builds the error of an `ERROR` event in a watch stream. */
export function errorOfStatus(call: CallDescription, status: StatusBody): KubeError {
  return new KubeError(call, {
    code: status.code ?? 500,
    reason: status.reason || reasonOfCode(status.code ?? 500),
    retryAfterMs:
      status.details?.retryAfterSeconds === undefined ? undefined : status.details.retryAfterSeconds * 1000,
  });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.objectAbsent;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof KubeError && error.code === 403;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.code === 409 && error.reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof KubeError && error.code === 409 && error.reason === 'AlreadyExists';
}

export function isAborted(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'Aborted';
}

/** Creating in a namespace that is being deleted: 403 with this cause (k8s.io/apiserver, namespace lifecycle). */
export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof KubeError && error.code === 403 && error.causes.includes('NamespaceTerminating');
}

const QUOTA = 'ExceededQuota';

/** Creating beyond a ResourceQuota of the namespace: 403 as well (k8s.io/apiserver, plugin resourcequota). */
export function isQuotaExceeded(error: unknown): boolean {
  return error instanceof KubeError && error.causes.includes(QUOTA);
}

function parseStatus(body: string): StatusBody | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(body) as StatusBody;
    return value.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}

function keyText(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function reasonOfCode(code: number): string {
  switch (code) {
    case 400:
      return 'BadRequest';
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 410:
      return 'Gone';
    case 422:
      return 'Invalid';
    case 429:
      return 'TooManyRequests';
    case 503:
      return 'ServiceUnavailable';
    case 504:
      return 'Timeout';
    default:
      return code >= 500 ? 'InternalError' : 'Unknown';
  }
}
