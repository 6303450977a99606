import { type KeyInUse, REFUSALS, type Refusal } from '#protocol/management.ts';

/** What a request or a step is refused with: HTTP status on a route, code and message on a step. */
export class DomainError extends Error {
  readonly code: string;
  readonly status: number;
  /** Built from known fields only; shown to the caller. */
  readonly detail: string;
  readonly next: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** Of a step that is refused with `KeyInUse`. */
  readonly inUse: KeyInUse | undefined;

  constructor(fields: {
    code: string;
    status: number;
    detail: string;
    next: string;
    retryAfter?: number;
    inUse?: KeyInUse;
  }) {
    super(`${fields.code}: ${fields.detail}`);
    this.name = 'DomainError';
    this.code = fields.code;
    this.status = fields.status;
    this.detail = fields.detail;
    this.next = fields.next;
    this.retryAfter = fields.retryAfter;
    this.inUse = fields.inUse;
  }
}

const STATUS: Readonly<Partial<Record<Refusal, number>>> = {
  Forbidden: 403,
  Foreign: 403,
  Frozen: 423,
  PlanLapsed: 423,
  NotFound: 404,
  Invalid: 422,
  Floor: 422,
  IdempotencyKeyReused: 422,
};

/** A refusal of the domain (REFUSALS of the management plane); 409 where nothing fits better. */
export function refuse(code: Refusal, detail: string, next?: string): DomainError {
  return new DomainError({ code, status: STATUS[code] ?? 409, detail, next: next ?? REFUSALS[code] });
}

/** V1: what the request was decided on is another state than the present one. */
export function stale(): DomainError {
  return new DomainError({
    code: 'Stale',
    status: 412,
    detail:
      'What the request was decided on has changed since: If-Match names another state of the organization.',
    next: 'Read what there is now, decide again, and send the request with the ETag of that answer.',
  });
}

/** V1: under the key of a request comes another one. */
export function keyReused(): DomainError {
  return new DomainError({
    code: 'IdempotencyKeyReused',
    status: 422,
    detail: 'Another request was sent under this Idempotency-Key within 24 hours.',
    next: 'Send each request under a key of its own, and only its repeat under the same.',
  });
}

/** Values cannot be read or written: the root key is absent, or is not the one they were wrapped by (V5). */
export function sealed(detail = 'The vault server has no root key.'): DomainError {
  return new DomainError({
    code: 'Sealed',
    status: 503,
    detail,
    next: 'Whoever runs the server gives it the root key and starts it again.',
    retryAfter: 30,
  });
}
