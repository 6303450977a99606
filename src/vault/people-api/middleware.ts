/** `Idempotency-Key` and `If-Match` of every write of people, and the ETag of every read in a vault (V1). */
import { createHash, createHmac } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { VaultContext } from '../act/context.ts';
import { DomainError, keyReused, stale } from '../common/domain-error.ts';
import { problemResponse } from '../http/problem.ts';
import type { Session } from '../sessions/sessions.ts';
import { answeredOnce, currentWrite, keepAnswer, keptWrite, type Write, type WriteKey } from './once.ts';
import { holdsOneTime } from './one-time.ts';
import { type PeopleEnv, sessionIn } from './people-app.ts';
import { etagOfVault, matches } from './preconditions.ts';

/** An answer as it is kept; `body` null: it had none. */
interface KeptAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly contentType: string | null;
  readonly isOneTime: boolean;
}

const READS = ['GET', 'HEAD'];

/** Requests without a session pass by: there is nobody yet whose key it could be. */
export function writesOnce(context: VaultContext): MiddlewareHandler<PeopleEnv> {
  return async (c, next) => {
    const ifMatch = c.req.header('if-match') ?? null;
    const sentKey = c.req.header('idempotency-key') ?? null;
    const isRead = READS.includes(c.req.method);
    const vaultId = /^\/api\/v1\/vaults\/([^/]+)\//.exec(`${c.req.path}/`)?.[1] ?? null;
    if (isRead ? vaultId === null : ifMatch === null && sentKey === null) return next();
    const session = await sessionIn(c, context);
    if (session === null) return next();
    // Read before the answer is made: at worst it is older than what is answered, never newer.
    const etag =
      vaultId !== null && session.vaultId === vaultId ? await etagOfVault(context.reader, vaultId) : null;
    if (isRead) {
      await next();
      if (etag !== null && c.res.status === 200 && !c.res.headers.has('etag')) c.header('etag', etag);
      return;
    }
    const key = sentKey === null ? null : await writeKey(c, session, vaultId, sentKey);
    const kept = key === null ? undefined : await keptWrite(context.reader, key, context.clock.now());
    if (key !== null && kept !== undefined && kept.request_hash !== key.requestHash) throw keyReused();
    // Who lost the vault since is answered nothing of it any more (M1): the route refuses.
    const isTheirs = vaultId === null || session.vaultId === vaultId;
    if (kept?.answer != null && isTheirs) return repeated(kept.answer);
    // A repeat of what was cut short is not held against what it changed itself.
    if (kept === undefined && !isCurrent(ifMatch, vaultId, etag)) throw stale();
    const write: Write = { vaultId, ifMatch, key, acts: 0 };
    await currentWrite.run(write, next);
    if (key === null || !c.res.ok) return;
    const answer = await keptAnswer(c.res);
    const text = JSON.stringify(answer);
    const now = context.clock.now();
    await context.bookkeep((db) => keepAnswer(db, key, { text, isOneTime: answer.isOneTime }, now));
  };
}

/** Outside of a vault there is nothing that a tag could name; in one that the session is not for, the route refuses. */
function isCurrent(ifMatch: string | null, vaultId: string | null, etag: string | null): boolean {
  if (vaultId === null) return ifMatch === null || ifMatch.trim() === '*';
  return etag === null || matches(ifMatch, etag);
}

/**
 * The request is hashed under the key that it came with, and of the key too only a hash is kept: a body may hold a
 * password, and a hash alone could be guessed at.
 */
async function writeKey(
  c: Context<PeopleEnv>,
  { account }: Session,
  vaultId: string | null,
  sent: string,
): Promise<WriteKey> {
  if (!/^[\x21-\x7e]{1,255}$/.test(sent)) {
    throw new DomainError({
      code: 'InvalidRequest',
      status: 400,
      detail: 'Idempotency-Key: must be 1 to 255 visible ASCII characters.',
      next: 'Send a random one, such as a UUID.',
    });
  }
  const requestHash = createHmac('sha256', sent)
    .update(`${c.req.method} ${c.env.incoming.url ?? ''}\n`)
    .update(new Uint8Array(await c.req.arrayBuffer()))
    .digest('hex');
  const keyHash = createHash('sha256').update(sent).digest('hex');
  return { accountId: account.id, vaultId: vaultId ?? '', keyHash, requestHash };
}

function repeated(kept: string): Response {
  const { status, body, contentType, isOneTime } = JSON.parse(kept) as KeptAnswer;
  if (isOneTime) return problemResponse(answeredOnce());
  return new Response(body, { status, headers: contentType === null ? {} : { 'content-type': contentType } });
}

/** A route that says `no-store` says that its answer is shown once. */
async function keptAnswer(response: Response): Promise<KeptAnswer> {
  const { status, headers } = response;
  const text = status === 204 ? '' : await response.clone().text();
  const contentType = headers.get('content-type');
  const isOneTime = headers.get('cache-control')?.includes('no-store') === true || holdsOneTime(parsed(text));
  return { status, body: isOneTime || text === '' ? null : text, contentType, isOneTime };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
