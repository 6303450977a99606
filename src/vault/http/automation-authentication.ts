/** Who a signed request of the management plane comes from (V1, V4, V7). */
import type { LossClass } from '../../model/loss.ts';
import type { Ability } from '../../protocol/management.ts';
import {
  automationPayload,
  bodyHash,
  HEADERS,
  TIMESTAMP_TOLERANCE,
  verifyPayload,
} from '../../protocol/signing.ts';
import type { AutomationActor } from '../domain/actor.ts';
import type { VaultContext } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';
import { keyObject } from '../domain/key-object.ts';
import { useNonce } from '../domain/nonces.ts';
import { type Tallies, talliesOf } from '../lockout.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** The raw request target, the query included. */
  readonly target: string;
  header(name: string): string | undefined;
  /** The bytes as received. */
  readonly body: Uint8Array;
  /** Address of the peer. */
  readonly source: string;
}

export class AutomationAuthentication {
  readonly #context: VaultContext;
  readonly #lockout: Tallies;

  constructor(context: VaultContext) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'automation');
  }

  /**
   * The identity that signed the request, one of this vault. Throws 401 `Unauthenticated`, the same for every
   * cause but the clock's, and 429 `LockedOut` after repeated failures of this identity from this address.
   */
  async authenticate(vaultId: string, request: ReceivedRequest): Promise<AutomationActor> {
    const now = this.#context.clock.now();
    const id = (request.header(HEADERS.automation) ?? '').slice(0, 64);
    if (await this.#lockout.isLocked(id, request.source, now)) throw lockedOut();
    try {
      const actor = await this.#verified(vaultId, id, request, now);
      await this.#lockout.succeeded(id, request.source);
      return actor;
    } catch (error) {
      if (error instanceof DomainError) await this.#lockout.failed(id, request.source, now);
      throw error;
    }
  }

  async #verified(
    vaultId: string,
    id: string,
    request: ReceivedRequest,
    now: number,
  ): Promise<AutomationActor> {
    const timestamp = request.header(HEADERS.timestamp) ?? '';
    const nonce = request.header(HEADERS.nonce) ?? '';
    const signature = request.header(HEADERS.signature) ?? '';
    if (
      id === '' ||
      signature === '' ||
      nonce === '' ||
      nonce.length > 128 ||
      !/^[0-9]{1,12}$/.test(timestamp)
    ) {
      throw unauthenticated('The request is not signed by an automation identity.');
    }
    if (Math.abs(now / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE) {
      throw unauthenticated('The timestamp is more than 5 minutes from the clock of the server.');
    }
    const row = await this.#context.reader
      .selectFrom('automations')
      .selectAll()
      .where('id', '=', id)
      .where('vault_id', '=', vaultId)
      .executeTakeFirst();
    const signed = { method: request.method, target: request.target, timestamp, nonce };
    const payload = automationPayload(
      { ...signed, bodyHash: bodyHash(request.body) },
      {
        'idempotency-key': request.header('idempotency-key'),
        'if-match': request.header('if-match'),
        provenance: request.header('provenance'),
      },
    );
    if (row === undefined || !verifyPayload(keyObject(row.public_key), payload, signature))
      throw unauthenticated();
    // Only now: a forgery must not burn a nonce.
    const expiresAt = now + 2 * TIMESTAMP_TOLERANCE * 1000;
    const isFresh = await this.#context.bookkeep((db) => useNonce(db, `automation:${id}`, nonce, expiresAt));
    if (!isFresh) throw unauthenticated();
    if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now))
      throw unauthenticated();
    return {
      type: 'automation',
      id,
      name: row.name,
      abilities: JSON.parse(row.abilities) as Ability[],
      ceilings: JSON.parse(row.ceilings) as Record<LossClass, number>,
    };
  }
}

function unauthenticated(
  detail = 'The signature is not that of an automation identity of this vault, or was used before.',
): DomainError {
  return new DomainError({
    code: 'Unauthenticated',
    status: 401,
    detail,
    next: 'Check the identity, its key and whether the owner revoked it.',
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
