/**
 * Which paths of a request the server takes: those that have one spelling only, so that the log, a signature, a proxy's
 * rule, authorization and the route speak of the same thing.
 *
 * Decides V7: a path that is not in its normal form.
 */
import type { ServerResponse } from 'node:http';
import { hasDotSegment } from '#model/names.ts';
import { DomainError } from '../common/domain-error.ts';
import { problemOf } from './problem.ts';

/** Segments of `pchar` (RFC 3986 §3.3), none of them empty but the last, escapes in upper case (§6.2.2.1). */
const SEGMENTS = /^(?:\/(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})+)*\/?$/;
/** What an escape is not needed for (§6.2.2.2). */
const NEEDLESS = /[\w.~-]/;

/**
 * Whether the path of a request target is in its normal form: in origin form, without empty or dot segments, raw or
 * escaped, with nothing escaped that need not be, and of UTF-8.
 */
export function isNormalPath(target: string): boolean {
  const path = target.split('?', 1)[0] ?? '';
  if (!path.startsWith('/') || !SEGMENTS.test(path)) return false;
  const text = path.includes('%') ? decoded(path) : path;
  return text !== null && !hasDotSegment(text);
}

/** Null where something is escaped that need not be, or that is no UTF-8. */
function decoded(path: string): string | null {
  for (const [, code = ''] of path.matchAll(/%([0-7].)/g)) {
    if (NEEDLESS.test(String.fromCharCode(Number.parseInt(code, 16)))) return null;
  }
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** Answers 400 in the form of the plane. */
export function refusePath(outgoing: ServerResponse, isMachine: boolean): void {
  const error = new DomainError({
    code: 'PathNotNormal',
    status: 400,
    detail: 'The path is not in its normal form.',
    next: 'Send it without dot segments, doubled slashes and escapes that it does not need (RFC 3986, 6.2.2).',
  });
  const [type, body] = isMachine
    ? ['application/json', { error: error.detail }]
    : ['application/problem+json', problemOf(error)];
  outgoing.writeHead(error.status, { 'content-type': type, 'cache-control': 'no-store' });
  outgoing.end(JSON.stringify(body));
}
