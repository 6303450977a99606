/** Proves a passkey: user verification required, each challenge and each count of the authenticator once. */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type { VaultContext } from '../../act/context.ts';
import { type Tallies, talliesOf } from '../../act/lockout.ts';
import { DomainError } from '../../common/domain-error.ts';
import { tokenHash } from '../../common/token.ts';
import { accountOf } from '../../sessions/accounts.ts';
import { noteEvent } from '../../sessions/events.ts';
import type { Proof } from '../../sessions/proof.ts';
import type { PasskeyTable } from '../../store/tables/sign-in-tables.ts';
import { notify } from '../account-notices.ts';
import { type Bound, CHALLENGE_LIFE, newChallenge, useChallenge } from './challenges.ts';
import { relyingParty } from './relying-party.ts';

type Context = Pick<VaultContext, 'reader' | 'bookkeep' | 'clock' | 'ids' | 'network' | 'hasReplicas'>;

/** What a browser gives to `navigator.credentials.get`, as `publicKey`. */
export type RequestOptions = Awaited<ReturnType<typeof generateAuthenticationOptions>>;

export class PasskeyCheck {
  readonly #context: Context;
  readonly #lockout: Tallies;

  constructor(context: Context) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'people');
  }

  /**
   * Names no credential: the authenticator finds its own. Throws DomainError `PasskeysNeedPublicUrl`,
   * `TooManyChallenges`.
   */
  async challenge(bound: Bound): Promise<RequestOptions> {
    const { id } = relyingParty(this.#context.network);
    const challenge = await newChallenge(this.#context, bound);
    return generateAuthenticationOptions({
      rpID: id,
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      userVerification: 'required',
      timeout: CHALLENGE_LIFE,
    });
  }

  /** Throws DomainError `PasskeyRefused`, the same whatever is wrong, `LockedOut`, `PasskeysNeedPublicUrl`. */
  async prove(response: AuthenticationResponseJSON, bound: Bound, source: string): Promise<Proof> {
    const party = relyingParty(this.#context.network);
    const now = this.#context.clock.now();
    const identity = `passkey ${tokenHash(response.id)}`;
    if (await this.#lockout.isLocked(identity, source, now)) throw lockedOut();
    const proof = await this.#verified(response, bound, party, source);
    if (proof === null) {
      await this.#lockout.failed(identity, source, now);
      throw new DomainError({
        code: 'PasskeyRefused',
        status: 401,
        detail: 'The passkey is not known, or its answer is not one to an open challenge of this vault.',
        next: 'Ask for another challenge, or sign in with the password.',
      });
    }
    await this.#lockout.succeeded(identity, source);
    return proof;
  }

  async #verified(
    response: AuthenticationResponseJSON,
    bound: Bound,
    { id: expectedRPID, origin: expectedOrigin }: { id: string; origin: string },
    source: string,
  ): Promise<Proof | null> {
    const passkey = await this.#context.reader
      .selectFrom('passkeys')
      .selectAll()
      .where('credential_id', '=', response.id)
      .executeTakeFirst();
    if (passkey === undefined) return null;
    const row = await this.#context.reader
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', passkey.account_id)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { userHandle } = response.response;
    if (userHandle !== undefined && userHandle !== userHandleOf(row.id)) return null;
    const credential = {
      id: passkey.credential_id,
      publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')),
      // Counted below, where two answers at once cannot both be the newest; 0 turns the library's own check off.
      counter: 0,
    };
    // It throws an Error for each thing that is wrong with what the caller sent.
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => useChallenge(this.#context, challenge, bound),
      expectedOrigin,
      expectedRPID,
      credential,
      requireUserVerification: true,
    }).catch(() => null);
    if (verified === null || !verified.verified) return null;
    const { newCounter, credentialBackedUp } = verified.authenticationInfo;
    const counts = await this.#use(passkey, newCounter, credentialBackedUp, source, row.email);
    return counts ? { account: accountOf(row), by: 'Passkey', credentials: row.credentials } : null;
  }

  /** WebAuthn §6.1.1: a count that did not grow may be that of a copy. An authenticator that does not count says 0. */
  async #use(
    { id, account_id, name }: PasskeyTable,
    counter: number,
    isBackedUp: boolean,
    source: string,
    address: string,
  ): Promise<boolean> {
    const now = this.#context.clock.now();
    return this.#context.bookkeep(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('passkeys')
        .set({ counter, backed_up: isBackedUp ? 1 : 0, last_used_at: now })
        .where('id', '=', id)
        .where((eb) =>
          eb.or([eb('counter', '<', counter), ...(counter === 0 ? [eb('counter', '=', 0)] : [])]),
        )
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 1n) return true;
      const isThere = await db.selectFrom('passkeys').select('id').where('id', '=', id).executeTakeFirst();
      if (isThere === undefined) return false;
      await noteEvent(db, this.#context, account_id, { action: 'passkey.copied', source, about: name });
      await notify(db, address, 'passkey-copied', now);
      return false;
    });
  }
}

/** What an authenticator keeps of whose a passkey is: an id that says nothing of the person. */
function userHandleOf(accountId: string): string {
  return Buffer.from(accountId, 'utf8').toString('base64url');
}

function lockedOut(): DomainError {
  return new DomainError({
    code: 'LockedOut',
    status: 429,
    detail: 'Too many failed attempts with this passkey.',
    next: 'Wait a minute.',
    retryAfter: 60,
  });
}
