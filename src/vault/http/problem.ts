/**
 * RFC 9457 problem documents (V7).
 *
 * Decides V7: the form of a refusal on the management plane.
 */

import type { z } from 'zod';
import { UnpairedSurrogateError } from '#model/digest.ts';
import { EMAIL_RULE, NAME_RULE } from '#model/names.ts';
import type { Problem } from '#protocol/management.ts';
import { DomainError, refuse, sealed } from '../common/domain-error.ts';
import { SealedError } from '../crypto/secret-cipher.ts';
import { UnstorableTextError } from '../store/storable.ts';

export function problemOf({ code, status, detail, next }: DomainError): Problem {
  const type = `urn:seneschal:problem:${code}`;
  return { type, title: code, status, code, detail, ...(next === undefined ? {} : { next }) };
}

/** The answer to a request that failed. Text of unknown errors is never shown: it may quote what was sent. */
export function problemResponse(error: DomainError): Response {
  const { status, retryAfter } = error;
  return new Response(JSON.stringify(problemOf(error)), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
  });
}

/** A fault as a caller may see it; null where it is a bug, which the log has to show. */
export function knownError(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error;
  if (error instanceof SealedError) return sealed(error.message);
  if (error instanceof UnstorableTextError) return refuse('Invalid', error.message);
  if (error instanceof UnpairedSurrogateError)
    return refuse('Invalid', 'A text contains half of a surrogate pair.');
  return null;
}

/** V7: after so many seconds the next request of this identity may pass. */
export function tooManyRequests(seconds: number): DomainError {
  return new DomainError({
    code: 'TooManyRequests',
    status: 429,
    detail: 'There are more requests of this identity than the server takes.',
    next: `Send the next one in ${seconds} s.`,
    retryAfter: seconds,
  });
}

export function serverFault(): DomainError {
  return new DomainError({
    code: 'ServerFault',
    status: 500,
    detail: 'The vault server failed at this request.',
    next: 'Send it again; if it fails again, look into the log of the server.',
  });
}

/** What a request has that its schema does not, with the path of the field and never what stood there. */
export function invalidRequest(error: z.core.$ZodError): DomainError {
  return new DomainError({
    code: 'InvalidRequest',
    status: 400,
    detail: faultsOf(error, 'the request'),
    next: 'Correct the fields that are named.',
  });
}

/** The first five fields that are wrong, and how. `whole` is what is said where it is no field. */
export function faultsOf(error: z.core.$ZodError, whole: string): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || whole}: ${explained(issue)}`)
    .join('; ');
}

const RULES: readonly string[] = [EMAIL_RULE, NAME_RULE];

function explained(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `does not know ${issue.keys.slice(0, 5).join(', ')}`;
    case 'invalid_type':
      return `must be ${issue.expected}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'invalid_value':
      // Of the schema, never of the request.
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'invalid_format':
      // Of the schema too: the rules that have words of their own.
      return RULES.includes(issue.message) ? issue.message : 'has not the form that it must have';
    default:
      return 'is not as the schema wants it';
  }
}
