/**
 * When automation may end a key of a machine. A key that somebody reads by is not ended under them, and one that others
 * brought is theirs: only what Git names as compromised goes whatever it is. Planning and vault ask the same.
 *
 * Decides V4: which keys of machines automation ends, and when.
 */

/**
 * `Rotated`: another key follows it. `Lost`: the cluster has its private half no more. `Compromised`: Git names it, and
 * no machine of the vault has it again.
 */
export const KEY_END_CAUSES = ['Rotated', 'Lost', 'Compromised'] as const;
export type KeyEndCause = (typeof KEY_END_CAUSES)[number];

/** A key that is to end. */
export interface KeyEnd {
  /** Lower-case hex SHA-256 of the raw public key. */
  readonly fingerprint: string;
  /** Seconds without use, counted from its last use, or from when it came where it was never used; 0: whatever uses it. */
  readonly idleFor: number;
  readonly because: KeyEndCause;
}

/** When a key was used, as far as the vault knows. */
export interface KeyUse {
  /** Null: never. */
  readonly lastUsedAt: number | null;
  /** The address; null: never, or before that was kept. */
  readonly lastUsedFrom: string | null;
}

/** A key as it stands at the vault. */
export interface StandingKey extends KeyUse {
  readonly addedAt: number;
  /** The installation that brought it by automation; null: a person, a token, or an unknown one did. */
  readonly installation: string | null;
}

/** Seconds: a half that is lost may be one that a pod still has in memory. */
export const LOST_AFTER = 600;

/** How long (milliseconds) after another key took its place an old key that is used is told of. */
export const USED_STILL_AFTER = 7 * 24 * 60 * 60 * 1000;

/**
 * `Ends`: it may go now. `InUse`: not before `until`. `NotOurs`: another installation, a person or a token brought it.
 * `LastKey`: nothing follows it.
 */
export type KeyEndVerdict =
  | { readonly is: 'Ends' | 'NotOurs' | 'LastKey' }
  | { readonly is: 'InUse'; readonly until: number };

/** What an end is judged by, beside the key. */
export interface KeyEndCircumstances {
  /** The installation that asks. */
  readonly installation: string;
  /** How many keys the machine has, this one among them. */
  readonly keys: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds in which a use may be known to another process alone. */
  readonly lag: number;
}

export function keyEndVerdict(
  key: StandingKey,
  { idleFor, because }: KeyEnd,
  { installation, keys, now, lag }: KeyEndCircumstances,
): KeyEndVerdict {
  if (because === 'Compromised') return { is: 'Ends' };
  if (key.installation !== installation) return { is: 'NotOurs' };
  if (because === 'Rotated' && keys < 2) return { is: 'LastKey' };
  const until = idleFrom(key, idleFor) + (idleFor === 0 ? 0 : lag);
  return idleFor > 0 && until > now ? { is: 'InUse', until } : { is: 'Ends' };
}

/** Since when the key counts as idle where nobody uses it from here on, in milliseconds since the epoch. */
function idleFrom({ addedAt, lastUsedAt }: StandingKey, idleFor: number): number {
  return Math.max(addedAt, lastUsedAt ?? addedAt) + idleFor * 1000;
}
