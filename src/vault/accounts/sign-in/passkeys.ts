/** The passkeys of an account: added, listed, renamed, removed. */
import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Kysely } from 'kysely';
import type { VaultContext } from '../../act/context.ts';
import { DomainError } from '../../common/domain-error.ts';
import { checkVerified } from '../../sessions/accounts.ts';
import { noteEvent } from '../../sessions/events.ts';
import { changeCredentials, holdCredentials } from '../../sessions/proof.ts';
import type { Session } from '../../sessions/sessions.ts';
import type { Database } from '../../store/schema.ts';
import { notify } from '../account-notices.ts';
import { type Bound, CHALLENGE_LIFE, newChallenge, useChallenge } from './challenges.ts';
import { relyingParty } from './relying-party.ts';

type Context = Pick<VaultContext, 'reader' | 'bookkeep' | 'clock' | 'ids' | 'network'>;

/** COSE: EdDSA, ES256, RS256. */
const ALGORITHMS = [-8, -7, -257];
const MOST_PASSKEYS = 20;

/** What a browser gives to `navigator.credentials.create`, as `publicKey`. */
export type CreationOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;

export interface ListedPasskey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** Whether it is copied to other devices of the person. */
  readonly backedUp: boolean;
}

export async function listPasskeys(db: Kysely<Database>, accountId: string): Promise<ListedPasskey[]> {
  const rows = await db
    .selectFrom('passkeys')
    .select(['id', 'name', 'created_at', 'last_used_at', 'backed_up'])
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    backedUp: row.backed_up === 1,
  }));
}

/** Throws DomainError `PasskeysNeedPublicUrl`, `EmailNotVerified`, `TooManyPasskeys`, `TooManyChallenges`. */
export async function offerPasskey(context: Context, session: Session): Promise<CreationOptions> {
  const { id } = relyingParty(context.network);
  const { account } = session;
  checkVerified(account);
  const known = await context.reader
    .selectFrom('passkeys')
    .select(['credential_id', 'transports'])
    .where('account_id', '=', account.id)
    .execute();
  if (known.length >= MOST_PASSKEYS) throw tooMany();
  const challenge = await newChallenge(context, registering(session));
  return generateRegistrationOptions({
    rpName: 'Seneschal',
    rpID: id,
    userName: account.email,
    userDisplayName: account.userName,
    userID: new Uint8Array(Buffer.from(account.id, 'utf8')),
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    attestationType: 'none',
    timeout: CHALLENGE_LIFE,
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ credential_id, transports }) => ({
      id: credential_id,
      transports: JSON.parse(transports),
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/**
 * Throws DomainError `PasskeyRefused`, `PasskeyKnown`, `TooManyPasskeys`, `PasskeysNeedPublicUrl`,
 * `CredentialsChanged`.
 */
export async function addPasskey(
  context: Context,
  session: Session,
  added: { readonly name: string; readonly response: RegistrationResponseJSON },
  source: string,
): Promise<{ readonly id: string }> {
  const { id: expectedRPID, origin: expectedOrigin } = relyingParty(context.network);
  // It throws an Error for each thing that is wrong with what the caller sent.
  const verified = await verifyRegistrationResponse({
    response: added.response,
    expectedChallenge: (challenge) => useChallenge(context, challenge, registering(session)),
    expectedOrigin,
    expectedRPID,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => null);
  if (verified === null || !verified.verified) throw refused();
  const { credential, credentialBackedUp } = verified.registrationInfo;
  const { account } = session;
  const id = context.ids.make('psk');
  const now = context.clock.now();
  await context.bookkeep(async (db) => {
    await holdCredentials(db, session);
    const { count } = await db
      .selectFrom('passkeys')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('account_id', '=', account.id)
      .executeTakeFirstOrThrow();
    if (count >= MOST_PASSKEYS) throw tooMany();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('passkeys')
      .values({
        id,
        account_id: account.id,
        credential_id: credential.id,
        public_key: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: JSON.stringify(added.response.response.transports ?? []),
        name: added.name,
        backed_up: credentialBackedUp ? 1 : 0,
        created_at: now,
        last_used_at: null,
      })
      .onConflict((conflict) => conflict.column('credential_id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) {
      throw new DomainError({
        code: 'PasskeyKnown',
        status: 409,
        detail: 'This passkey was added before.',
        next: 'Sign in with it, or add another.',
      });
    }
    await noteEvent(db, context, account.id, { action: 'passkey.added', source, about: added.name });
    await notify(db, account.email, 'passkey-added', now);
  });
  return { id };
}

/** Throws DomainError `NotFound`. */
export async function renamePasskey(
  context: Context,
  session: Session,
  { id, name }: { readonly id: string; readonly name: string },
  source: string,
): Promise<void> {
  await context.bookkeep(async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('passkeys')
      .set({ name })
      .where('account_id', '=', session.account.id)
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) throw notFound();
    await noteEvent(db, context, session.account.id, { action: 'passkey.renamed', source, about: name });
  });
}

/** Throws DomainError `NotFound`, `CredentialsChanged`. */
export async function removePasskey(
  context: Context,
  session: Session,
  id: string,
  source: string,
): Promise<void> {
  const { account } = session;
  await context.bookkeep(async (db) => {
    // An answer of it that was verified a moment ago signs nobody in.
    await changeCredentials(db, session);
    const removed = await db
      .deleteFrom('passkeys')
      .where('account_id', '=', account.id)
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst();
    if (removed === undefined) throw notFound();
    await noteEvent(db, context, account.id, { action: 'passkey.removed', source, about: removed.name });
    await notify(db, account.email, 'passkey-removed', context.clock.now());
  });
}

function registering({ tokenHash }: Session): Bound {
  return { purpose: 'register', bound_to: tokenHash };
}

function refused(): DomainError {
  return new DomainError({
    code: 'PasskeyRefused',
    status: 422,
    detail: 'The answer is not one to an open challenge of this session, or does not verify its user.',
    next: 'Ask for another challenge: POST /api/v1/me/passkeys/challenge.',
  });
}

function tooMany(): DomainError {
  return new DomainError({
    code: 'TooManyPasskeys',
    status: 409,
    detail: `An account has at most ${MOST_PASSKEYS} passkeys.`,
    next: 'Remove one that is not used any more.',
  });
}

function notFound(): DomainError {
  return new DomainError({
    code: 'NotFound',
    status: 404,
    detail: 'You have no passkey of that id.',
    next: 'List yours with GET /api/v1/me/passkeys.',
  });
}
