/** What the routes of people share: the session behind a bearer token, and problem documents (RFC 9457). */
import { isUtf8 } from 'node:buffer';
import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  EMAIL,
  EMAIL_RULE,
  LONGEST_EMAIL,
  LONGEST_NAME,
  NAME,
  NAME_RULE,
  PATH_SEGMENT,
  PATH_SEGMENT_RULE,
} from '#model/names.ts';
import { REFUSALS, type Refusal } from '#protocol/management.ts';
import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';
import {
  invalidRequest,
  knownError,
  problemResponse,
  serverFault,
  tooManyRequests,
} from '../http/problem.ts';
import type { RateLimit } from '../http/rates.ts';
import { type Session, sessionOf } from '../sessions/sessions.ts';

export interface PeopleEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Of the request, once it was looked for; null: there is none. */
    session?: Session | null;
    rate: RateLimit;
  };
}
export type PeopleApp = OpenAPIHono<PeopleEnv>;

/** Bytes of a body at most (V7): the largest value, each character escaped. */
const LARGEST_BODY = 2 * 1024 * 1024;

/** Of a body that comes without a session, at most (V7): an address, a password, a code. */
const LARGEST_UNPROVEN = 64 * 1024;

/** An app whose refusals are problem documents; `report` is told the faults that are not the caller's. */
export function newPeopleApp(
  context: Pick<VaultContext, 'reader' | 'clock' | 'bookkeep'>,
  rate: RateLimit,
  report: (error: unknown) => void,
): PeopleApp {
  const app = new OpenAPIHono<PeopleEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
  app.onError((error) => {
    const known = knownError(error) ?? malformed(error);
    if (known === null) report(error);
    return problemResponse(known === null ? serverFault() : spokenToPeople(known));
  });
  app.notFound(() =>
    problemResponse(
      refused(
        'RouteNotFound',
        404,
        'There is no such route.',
        'Look for method and path among the routes of GET /api/v1/openapi.json.',
      ),
    ),
  );
  app.use('/api/*', async (c, next) => {
    c.set('rate', rate);
    const length = declaredLength(c.req.header());
    // Before a byte of it is read: routes check the body before they ask for the session.
    if (length > LARGEST_UNPROVEN && (await sessionIn(c, context)) === null) throw tooLarge(LARGEST_UNPROVEN);
    // What is no UTF-8 would be read as other characters than were sent, and stored as those.
    // Of one that does not come to its end the route says so.
    const body = length === 0 ? null : await c.req.arrayBuffer().catch(() => null);
    if (body !== null && !isUtf8(body)) {
      throw refused('InvalidRequest', 400, 'The body is not UTF-8.', 'Send JSON in UTF-8.');
    }
    await next();
  });
  return app;
}

/** What to do about refusals whose `next` is left to the meaning of the code, which speaks of the steps of a plan. */
const NEXT: Readonly<Partial<Record<Refusal, string>>> = {
  NotFound: 'Check the name: the list of its kind shows what there is.',
  NameTaken: 'Take another name.',
  Invalid: 'Look at how it stands now, and ask for what that allows.',
  Floor: 'Transfer the ownership first, or take the person off the required admins in Git.',
  QuotaReached: 'Delete what is not needed, or move to a larger plan.',
  FingerprintTaken: 'Bring another key.',
  KeySlotsBusy: 'Revoke one of the two keys first.',
  TemplateInUse: 'Give its holders another template first.',
  TemplateArchived: 'Take it out of the archive first, or give another template.',
};

function spokenToPeople(error: DomainError): DomainError {
  const { code, status, detail, retryAfter } = error;
  const next = Object.hasOwn(REFUSALS, code) ? NEXT[code as Refusal] : undefined;
  if (next === undefined || error.next !== REFUSALS[code as Refusal]) return error;
  return new DomainError({ code, status, detail, next, ...(retryAfter === undefined ? {} : { retryAfter }) });
}

/**
 * By the length that is declared, which node holds the body to. Hono's body limit is not used: it makes a new
 * global Request of what was read, which its node server, told to leave the globals alone, cannot give it.
 */
function declaredLength(headers: Readonly<Record<string, string>>): number {
  if (headers['transfer-encoding'] !== undefined) {
    throw refused(
      'LengthRequired',
      411,
      'A body is sent with its Content-Length.',
      'Send it whole and not in chunks.',
    );
  }
  const length = Number(headers['content-length'] ?? 0);
  if (length > LARGEST_BODY) throw tooLarge(LARGEST_BODY);
  return length;
}

function tooLarge(limit: number): DomainError {
  const who = limit === LARGEST_UNPROVEN ? ' without a session' : '';
  return refused('BodyTooLarge', 413, `A body${who} has at most ${limit} bytes.`, 'Send less at once.');
}

/** Hono throws an HTTPException of status 400 for a body that is no JSON, and its OpenAPI one of 415 for another type. */
function malformed(error: unknown): DomainError | null {
  switch (error instanceof Error && 'status' in error ? error.status : undefined) {
    case 400:
      return refused('InvalidRequest', 400, 'The body is not JSON.', 'Send an object as JSON.');
    case 415:
      return refused(
        'UnsupportedMediaType',
        415,
        'A body is JSON, with the content type application/json.',
        'Send it with that header.',
      );
    default:
      return null;
  }
}

function refused(code: string, status: number, detail: string, next: string): DomainError {
  return new DomainError({ code, status, detail, next });
}

/** The session of the request. Throws DomainError `NotSignedIn`, `TooManyRequests`. */
export async function signedIn(
  c: Context<PeopleEnv>,
  context: Pick<VaultContext, 'reader' | 'bookkeep' | 'clock'>,
): Promise<Session> {
  const session = await sessionIn(c, context);
  if (session === null) throw notSignedIn();
  return session;
}

export function notSignedIn(): DomainError {
  return new DomainError({
    code: 'NotSignedIn',
    status: 401,
    detail: 'There is no session of that token, or it is over.',
    next: 'Sign in again.',
  });
}

/** The same, looked for once a request; null where there is none. Throws DomainError `TooManyRequests` (V7). */
export async function sessionIn(
  c: Context<PeopleEnv>,
  context: Pick<VaultContext, 'reader' | 'clock' | 'bookkeep'>,
): Promise<Session | null> {
  const known = c.get('session');
  if (known !== undefined) return known;
  const token = /^Bearer (ses_[A-Za-z0-9_-]{43})$/.exec(c.req.header('authorization') ?? '')?.[1];
  const session = token === undefined ? null : await sessionOf(context, token);
  c.set('session', session);
  if (session === null) return null;
  const seconds = c.get('rate').take(session.account.id, context.clock.now());
  if (seconds !== null) throw tooManyRequests(seconds);
  return session;
}

export const vaultId = z
  .string()
  .regex(/^vault_[A-Za-z0-9]{16}$/)
  .meta({ examples: ['vault_0123456789abcdef'] });

/** Of whoever is new: an account, an invite. What a path names is a reference (`references.ts`). */
export const email = z
  .string()
  .max(LONGEST_EMAIL)
  .regex(EMAIL, EMAIL_RULE)
  .meta({ examples: ['alice@acme.example'] });
/** Of somebody who may be there: whatever is stored. */
export const storedEmail = z
  .string()
  .min(1)
  .max(LONGEST_EMAIL)
  .regex(PATH_SEGMENT, PATH_SEGMENT_RULE)
  .meta({ examples: ['alice@acme.example'] });
/** A name that somebody gives. What a path names is a reference (`references.ts`). */
export const displayedName = z.string().min(1).max(LONGEST_NAME).regex(NAME, NAME_RULE);

/** Where the address that the client is to be told cannot be known. */
export function badHost(): DomainError {
  return new DomainError({
    code: 'BadHost',
    status: 400,
    detail: 'The Host header names no host.',
    next: 'Whoever runs the server sets publicUrl.',
  });
}
