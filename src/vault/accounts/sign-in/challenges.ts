/** Challenges for passkeys: random, kept by their hash, for one use within five minutes in whichever replica. */
import { randomBytes } from 'node:crypto';
import type { VaultContext } from '../../act/context.ts';
import { DomainError } from '../../common/domain-error.ts';
import { tokenHash } from '../../common/token.ts';
import type { PasskeyChallengeTable } from '../../store/tables/sign-in-tables.ts';

/** Five minutes, in milliseconds. */
export const CHALLENGE_LIFE = 5 * 60 * 1000;
/** Open ones of an address or a session: what nobody answers must not fill the database. */
const OPEN_AT_ONCE = 100;

/** What a challenge is for, and who may answer it. */
export type Bound = Pick<PasskeyChallengeTable, 'purpose' | 'bound_to'>;

/** A new one, base64url as it comes back. Throws DomainError `TooManyChallenges`. */
export async function newChallenge(
  context: Pick<VaultContext, 'bookkeep' | 'clock'>,
  bound: Bound,
): Promise<string> {
  const challenge = randomBytes(32).toString('base64url');
  const now = context.clock.now();
  await context.bookkeep(async (db) => {
    const { open } = await db
      .selectFrom('passkey_challenges')
      .select(({ fn }) => fn.countAll<number>().as('open'))
      .where('bound_to', '=', bound.bound_to)
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow();
    if (open >= OPEN_AT_ONCE) {
      throw new DomainError({
        code: 'TooManyChallenges',
        status: 429,
        detail: 'Too many challenges of this caller wait for an answer.',
        next: 'Answer one, or wait five minutes.',
        retryAfter: CHALLENGE_LIFE / 1000,
      });
    }
    await db
      .insertInto('passkey_challenges')
      .values({ ...bound, challenge_hash: tokenHash(challenge), expires_at: now + CHALLENGE_LIFE })
      .execute();
  });
  return challenge;
}

/** Uses it up. False: it is none of ours, was used, is over, or is for something or somebody else. */
export async function useChallenge(
  context: Pick<VaultContext, 'bookkeep' | 'clock'>,
  challenge: string,
  { purpose, bound_to }: Bound,
): Promise<boolean> {
  const { numDeletedRows } = await context.bookkeep((db) =>
    db
      .deleteFrom('passkey_challenges')
      .where('challenge_hash', '=', tokenHash(challenge))
      .where('purpose', '=', purpose)
      // Who signs in is nobody yet, and may come by another address than a moment ago.
      .$if(purpose !== 'sign-in', (open) => open.where('bound_to', '=', bound_to))
      .where('expires_at', '>', context.clock.now())
      .executeTakeFirstOrThrow(),
  );
  return numDeletedRows === 1n;
}
