/**
 * Who a signed request of the management plane comes from (V1, V4, V7).
 *
 * Decides V4: which audience a signature has to name.
 */
import type { Transaction } from 'kysely';
import { LARGEST_BODY } from '#protocol/management.ts';
import {
  automationPayload,
  bodyHash,
  HEADERS,
  sha256Digest,
  TIMESTAMP_TOLERANCE,
  verifyPayload,
} from '#protocol/signing.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { VaultContext } from '../act/context.ts';
import { type Tallies, talliesOf } from '../act/lockout.ts';
import { isNonceUsed, useNonce } from '../act/nonces.ts';
import { DomainError } from '../common/domain-error.ts';
import { keyObject } from '../common/key-object.ts';
import { tooManyRequests } from '../http/problem.ts';
import { type Rate, RateLimit } from '../http/rates.ts';
import { LARGEST_UNPROVEN } from '../http/request-body.ts';
import type { AutomationKeyTable, AutomationTable, Database } from '../store/schema.ts';
import { automationActor, checkAddress, currentDelegation, isEnded, unauthenticated } from './delegation.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** The raw request target, the query included. */
  readonly target: string;
  header(name: string): string | undefined;
  /** As the sender declared it; null: it did not. */
  readonly length: number | null;
  /** The bytes as received, at most so many. Called once. Throws 413 `BodyTooLarge`. */
  body(limit: number): Promise<Uint8Array>;
  /** Address of the peer. */
  readonly source: string;
}

/** Who sent a request, and what. */
export interface Authenticated {
  readonly actor: AutomationActor;
  /** Milliseconds since the epoch; null: the identity has no end. */
  readonly expiresAt: number | null;
  /** The address of this vault that the request was signed for. */
  readonly audience: string;
  readonly body: Uint8Array;
}

/** The last use of a key is kept to the minute, so that not each request writes it. */
const KEY_USE_INTERVAL = 60_000;

type KeyRow = Pick<AutomationKeyTable, 'public_key' | 'last_used_at'>;

interface Candidate {
  readonly row: AutomationTable;
  readonly keys: readonly KeyRow[];
}

interface Signed {
  readonly audience: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
}

/** Codes of 401 that a good signature is answered with. */
const PROVEN: readonly string[] = ['WrongAudience', 'OwnershipMoved'];

export class AutomationAuthentication {
  readonly #context: VaultContext;
  readonly #lockout: Tallies;
  readonly #rate: RateLimit;

  constructor(context: VaultContext, rate: Rate) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'automation');
    this.#rate = new RateLimit(rate);
  }

  /**
   * The identity that signed the request, one of this vault. What costs nothing comes first; a large body is read
   * only after its hash, sent as Content-Digest (RFC 9530), was found signed. Throws 401 `Unauthenticated`, the same
   * for every cause but the clock's, 401 `WrongAudience` for a signature that is good elsewhere, 403 `Forbidden` by its address (V9), 413 `BodyTooLarge`, 429 `LockedOut` after repeated failures of this identity
   * from this address, and 429 `TooManyRequests`.
   */
  async authenticate(vaultId: string, request: ReceivedRequest): Promise<Authenticated> {
    const now = this.#context.clock.now();
    const id = (request.header(HEADERS.automation) ?? '').slice(0, 64);
    if (await this.#lockout.isLocked(id, request.source, now)) throw lockedOut();
    try {
      const authenticated = await this.#verified(vaultId, id, request, now);
      await this.#lockout.succeeded(id, request.source);
      return authenticated;
    } catch (error) {
      // Whoever signed by a key of the identity guesses at nothing: a relay must not lock its victim out.
      if (error instanceof DomainError && error.status === 401 && !PROVEN.includes(error.code)) {
        await this.#lockout.failed(id, request.source, now);
      }
      throw error;
    }
  }

  /** For a request that stays open: throws 401 `Unauthenticated` where the identity or its key is over by now. */
  async requireCurrent({ actor }: Authenticated): Promise<void> {
    await currentDelegation(this.#context.reader, actor, this.#context.clock.now());
  }

  async #verified(
    vaultId: string,
    id: string,
    request: ReceivedRequest,
    now: number,
  ): Promise<Authenticated> {
    const signed = signedBy(request, id, now);
    const candidate = await this.#candidate(vaultId, id);
    if (candidate === null) throw unauthenticated();
    const subject = `automation:${id}`;
    if (await isNonceUsed(this.#context.reader, subject, signed.nonce)) throw unauthenticated();

    const digest = sha256Digest(request.header('content-digest'));
    const early =
      digest === null ? await request.body(Math.min(LARGEST_UNPROVEN, request.length ?? Infinity)) : null;
    const hash = digest ?? bodyHash(early ?? undefined);
    const key = signerOf(candidate.keys, request, signed, hash);
    if (key === undefined) throw unauthenticated();
    if (isEnded(candidate.row, now)) throw await this.#ended(candidate.row);
    if (!this.#context.network.audiences.has(signed.audience)) throw wrongAudience();
    // Only now: a forgery must not burn a nonce.
    const expiresAt = now + 2 * TIMESTAMP_TOLERANCE * 1000;
    const isFresh = await this.#context.bookkeep(async (db) => {
      if (!(await useNonce(db, subject, signed.nonce, expiresAt))) return false;
      if ((key.last_used_at ?? 0) <= now - KEY_USE_INTERVAL) await keepUse(db, id, key, now);
      return true;
    });
    if (!isFresh) throw unauthenticated();
    const { source } = request;
    const { audience } = signed;
    const by = { publicKey: key.public_key, audience, source, provenance: {} };
    const actor = automationActor(candidate.row, by);
    checkAddress(actor);
    const seconds = this.#rate.take(id, now);
    if (seconds !== null) throw tooManyRequests(seconds);
    const body = early ?? (await request.body(LARGEST_BODY));
    if (early === null && bodyHash(body) !== digest) throw unauthenticated();
    const { expires_at } = candidate.row;
    return { actor, expiresAt: expires_at, audience: signed.audience, body };
  }

  /** Told to who signed by a key of the identity alone: that it ended with its owner's ownership (O3), else nothing. */
  async #ended({ vault_id, created_by }: AutomationTable): Promise<DomainError> {
    const owner = await this.#context.reader
      .selectFrom('members')
      .select('user_name')
      .where('vault_id', '=', vault_id)
      .where('role', '=', 'Owner')
      .executeTakeFirst();
    const isMoved = created_by !== null && owner !== undefined && owner.user_name !== created_by;
    return isMoved ? ownershipMoved() : unauthenticated();
  }

  async #candidate(vaultId: string, id: string): Promise<Candidate | null> {
    const { reader } = this.#context;
    const row = await reader
      .selectFrom('automations')
      .selectAll()
      .where('id', '=', id)
      .where('vault_id', '=', vaultId)
      .executeTakeFirst();
    if (row === undefined) return null;
    const keys = await reader
      .selectFrom('automation_keys')
      .select(['public_key', 'last_used_at'])
      .where('automation_id', '=', id)
      .execute();
    return { row, keys };
  }
}

/** Throws `Unauthenticated` unless the headers are there and of this time. */
function signedBy(request: ReceivedRequest, id: string, now: number): Signed {
  const audience = request.header(HEADERS.audience) ?? '';
  const timestamp = request.header(HEADERS.timestamp) ?? '';
  const nonce = request.header(HEADERS.nonce) ?? '';
  const signature = request.header(HEADERS.signature) ?? '';
  const isWhole = id !== '' && audience !== '' && signature !== '' && nonce !== '' && nonce.length <= 128;
  if (!isWhole || !/^[0-9]{1,12}$/.test(timestamp)) {
    throw unauthenticated('The request is not signed by an automation identity.');
  }
  if (Math.abs(now / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE) {
    throw unauthenticated('The timestamp is more than 5 minutes from the clock of the server.');
  }
  return { audience, timestamp, nonce, signature };
}

/** The key that the request is signed by. */
function signerOf(
  keys: readonly KeyRow[],
  request: ReceivedRequest,
  { audience, timestamp, nonce, signature }: Signed,
  hash: string,
): KeyRow | undefined {
  const { method, target } = request;
  const payload = automationPayload(
    audience,
    { method, target, timestamp, nonce, bodyHash: hash },
    {
      'idempotency-key': request.header('idempotency-key'),
      'if-match': request.header('if-match'),
      provenance: request.header('provenance'),
    },
  );
  return keys.find(({ public_key }) => verifyPayload(keyObject(public_key), payload, signature));
}

function keepUse(
  db: Transaction<Database>,
  id: string,
  { public_key }: KeyRow,
  now: number,
): Promise<unknown> {
  return db
    .updateTable('automation_keys')
    .set({ last_used_at: now })
    .where('automation_id', '=', id)
    .where('public_key', '=', public_key)
    .execute();
}

const OWNERSHIP_MOVED = 'OwnershipMoved';

function ownershipMoved(): DomainError {
  return new DomainError({
    code: OWNERSHIP_MOVED,
    status: 401,
    detail: 'The ownership of the organization moved, and the delegations of the former owner ended with it.',
    next: 'The new owner makes new ones: seneschal vault automation create NAME --credentials FOLDER',
  });
}

const WRONG_AUDIENCE = 'WrongAudience';

/** Names no address of the vault: what a relay is to sign for next is not told to it. */
function wrongAudience(): DomainError {
  return new DomainError({
    code: WRONG_AUDIENCE,
    status: 401,
    detail: 'The request is signed for an address that is not one of this vault.',
    next: 'Correct the url of the credentials; or whoever runs the server adds it to publicUrl or audiences.',
  });
}

function lockedOut(): DomainError {
  return new DomainError({
    code: 'LockedOut',
    status: 429,
    detail: 'Too many requests of this identity failed to authenticate from this address.',
    next: 'Correct the key, then wait a minute.',
    retryAfter: 60,
  });
}
