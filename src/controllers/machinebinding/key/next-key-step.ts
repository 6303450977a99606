/**
 * What to do next about the key of a binding (design §8, "Key issue, crash-safe"): a pure decision over what
 * is staged, what is mounted and what the vault accepts. Killed after any action, or with a second leader
 * doing the same, the next decision goes on with what is there.
 */

/** What a place for a key holds. */
export type Slot =
  /** `confirmed`: an uncached read said 404. Absence from a cache proves nothing. */
  | { readonly holds: 'nothing'; readonly confirmed: boolean }
  /** A key of this binding, sealed for this place by this installation. */
  | { readonly holds: 'key'; readonly fingerprint: string }
  /** Ours by its seal, with the label and marks of an earlier object, or by the vault's word: taken over before anything else. */
  | { readonly holds: 'inherited'; readonly fingerprint: string }
  /**
   * A key of this binding that was made for another address, and the move from there is allowed. It never comes to another
   * place: where one is mounted, another key follows it. `confirmed` as of `nothing`: seen after a key was staged.
   */
  | { readonly holds: 'moved'; readonly fingerprint: string; readonly confirmed: boolean }
  /** A Secret of that name that is not ours, or whose seal does not verify there. */
  | { readonly holds: 'foreign' };

export type KeyPlace = 'staged' | 'mounted';

/** A machine has two keys at the vault at most: the one in use, and the one that follows it. */
const KEY_SLOTS = 2;

export interface KeyState {
  readonly staged: Slot;
  /** Of a staged key: the mounted one that it is to follow; null: none. */
  readonly follows: string | null;
  readonly mounted: Slot;
  /** What is mounted was read past the cache after the staged key was seen. */
  readonly mountedIsFresh: boolean;
  /** Fingerprints that the vault accepts of the machine; empty where it is not registered. */
  readonly accepted: readonly string[];
  /** Another key has to follow the mounted one. */
  readonly due: boolean;
  /** Fingerprints of keys that others may hold: none of them is mounted any more. */
  readonly compromised: readonly string[];
}

export type KeyStep =
  /** Somebody else's Secret is in the place; never used, never overwritten. */
  | { readonly do: 'conflict'; readonly place: KeyPlace }
  /** Look past the cache before anything is concluded from absence. */
  | { readonly do: 'confirm'; readonly place: KeyPlace }
  /** Write label and marks of a Secret that is ours anew. */
  | { readonly do: 'inherit'; readonly place: KeyPlace }
  /** Make a key pair and create the staging Secret; a name that is taken shows what is staged. */
  | { readonly do: 'stage'; readonly follows?: string }
  /** Have the key registered, and wait for it; `beside` the mounted one, by which pods and targets go on meanwhile. */
  | {
      readonly do: 'offer';
      readonly place: KeyPlace;
      readonly fingerprint: string;
      readonly beside?: string;
    }
  /** Write the staged key, which the vault accepts, into the Secret that pods mount. */
  | { readonly do: 'mount'; readonly fingerprint: string }
  /** Delete the staging Secret: what it holds is mounted, is of another address, or was never registered and is not needed. */
  | { readonly do: 'unstage' }
  | { readonly do: 'done'; readonly fingerprint: string };

/**
 * The staging Secret is the lock: only one key can be staged, and what is staged is deleted only once it is
 * mounted, or another one is. So whoever has staged a key and *then* reads that nothing is mounted may have
 * it registered; what was read before proves nothing, because another leader may have done the whole work in
 * between. A key that is mounted was accepted once, so it goes before a staged one that was not.
 *
 * A place with a key of another address is as good as empty: pods read on by that key until a new one is written over it.
 * So is one with a compromised key that the vault has revoked already.
 *
 * A rotation is the same with the old key still valid: what is staged says which key it follows, so that whoever finds
 * it goes on with it, or takes it away where another leader has rotated meanwhile. It is staged and registered only
 * into a free slot of the vault: there is never a third key.
 */
export function nextKeyStep(state: KeyState): KeyStep {
  const { staged, mounted, accepted, compromised } = state;
  if (mounted.holds === 'foreign') return { do: 'conflict', place: 'mounted' };
  if (staged.holds === 'foreign') return { do: 'conflict', place: 'staged' };
  if (mounted.holds === 'inherited') return { do: 'inherit', place: 'mounted' };
  if (staged.holds === 'inherited') return { do: 'inherit', place: 'staged' };

  if (staged.holds === 'moved') return { do: 'unstage' };
  const isRefused = mounted.holds === 'key' && !accepted.includes(mounted.fingerprint);
  // Staged before it was named; once it is mounted the key is followed by another one.
  if (staged.holds === 'key' && compromised.includes(staged.fingerprint)) return { do: 'unstage' };
  if (mounted.holds === 'nothing' || mounted.holds === 'moved') {
    if (!mounted.confirmed) return { do: 'confirm', place: 'mounted' };
    if (staged.holds === 'nothing') return { do: 'stage' };
    return accepted.includes(staged.fingerprint)
      ? { do: 'mount', fingerprint: staged.fingerprint }
      : { do: 'offer', place: 'staged', fingerprint: staged.fingerprint };
  }
  if (isRefused && !compromised.includes(mounted.fingerprint)) {
    if (staged.holds === 'key' && mounted.fingerprint === staged.fingerprint) return { do: 'unstage' };
    return staged.holds === 'key' && accepted.includes(staged.fingerprint)
      ? { do: 'mount', fingerprint: staged.fingerprint }
      : { do: 'offer', place: 'mounted', fingerprint: mounted.fingerprint };
  }
  return nextRotationStep(state, { mounted: mounted.fingerprint, isRefused });
}

/** A key is mounted that the vault accepts, or one that is compromised and revoked: nothing else may be mounted again. */
function nextRotationStep(
  { staged, follows, mountedIsFresh, accepted, due }: KeyState,
  { mounted, isRefused }: { readonly mounted: string; readonly isRefused: boolean },
): KeyStep {
  const isFree = accepted.length < KEY_SLOTS;
  const stays = { do: 'done', fingerprint: mounted } as const;
  if (staged.holds !== 'key') {
    return isRefused || (due && isFree) ? { do: 'stage', follows: mounted } : stays;
  }
  if (staged.fingerprint === mounted) return { do: 'unstage' };
  if (accepted.includes(staged.fingerprint)) return { do: 'mount', fingerprint: staged.fingerprint };
  // Another leader mounted a key while this one was being staged.
  if (follows !== mounted) return { do: 'unstage' };
  if (!mountedIsFresh) return { do: 'confirm', place: 'mounted' };
  const offer = { do: 'offer', place: 'staged', fingerprint: staged.fingerprint } as const;
  if (isRefused) return offer;
  return isFree ? { ...offer, beside: mounted } : stays;
}

/** Whether another key would have to come, and both slots are taken. */
export function isBlocked(state: KeyState, step: KeyStep): boolean {
  const { staged, accepted, due } = state;
  if (accepted.length < KEY_SLOTS) return false;
  if (step.do === 'offer') return !accepted.includes(step.fingerprint);
  return step.do === 'done' && (due || staged.holds === 'key');
}
