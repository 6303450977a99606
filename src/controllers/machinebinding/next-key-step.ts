/**
 * What to do next about the key of a binding (design §8, "Key issue, crash-safe"): a pure decision over what
 * is staged, what is mounted and what the vault accepts. Killed after any action, or with a second leader
 * doing the same, the next decision goes on with what is there.
 */

/** What a place for a key holds. */
export type Slot =
  /**
   * Absence from a cache proves nothing. `read`: an uncached read of this pass said 404. `remembered`: one of
   * an earlier pass of this process did, before it staged a key.
   */
  | { readonly holds: 'nothing'; readonly confirmed: 'read' | 'remembered' | 'no' }
  /** A key of this binding, sealed by this installation. */
  | { readonly holds: 'key'; readonly fingerprint: string }
  /** Ours by its seal, of an earlier object of this binding's name: taken over before anything else. */
  | { readonly holds: 'inherited'; readonly fingerprint: string }
  /** A Secret of that name that is not ours, or whose seal does not verify. */
  | { readonly holds: 'foreign' };

export type KeyPlace = 'staged' | 'mounted';

export interface KeyState {
  readonly staged: Slot;
  readonly mounted: Slot;
  /** Fingerprints that the vault accepts of the machine; empty where it is not registered. */
  readonly accepted: readonly string[];
}

export type KeyStep =
  /** Somebody else's Secret is in the place; never used, never overwritten. */
  | { readonly do: 'conflict'; readonly place: KeyPlace }
  /** Look past the cache before anything is concluded from absence. */
  | { readonly do: 'confirm'; readonly place: KeyPlace }
  /** Mark what an earlier object of the same name left as this one's. */
  | { readonly do: 'inherit'; readonly place: KeyPlace }
  /** Make a key pair and create the staging Secret. */
  | { readonly do: 'stage' }
  /** Have the key registered, and wait for it. */
  | { readonly do: 'offer'; readonly place: KeyPlace; readonly fingerprint: string }
  /** Write the staged key, which the vault accepts, into the Secret that pods mount. */
  | { readonly do: 'mount'; readonly fingerprint: string }
  /** Delete the staging Secret: what it holds is mounted, or was never registered and is not needed. */
  | { readonly do: 'unstage' }
  | { readonly do: 'done'; readonly fingerprint: string };

export function nextKeyStep({ staged, mounted, accepted }: KeyState): KeyStep {
  if (mounted.holds === 'foreign') return { do: 'conflict', place: 'mounted' };
  if (staged.holds === 'foreign') return { do: 'conflict', place: 'staged' };
  if (mounted.holds === 'inherited') return { do: 'inherit', place: 'mounted' };
  if (staged.holds === 'inherited') return { do: 'inherit', place: 'staged' };

  if (mounted.holds === 'key' && staged.holds === 'nothing') {
    return accepted.includes(mounted.fingerprint)
      ? { do: 'done', fingerprint: mounted.fingerprint }
      : { do: 'offer', place: 'mounted', fingerprint: mounted.fingerprint };
  }
  if (staged.holds === 'nothing') {
    if (mounted.holds === 'nothing' && mounted.confirmed !== 'read')
      return { do: 'confirm', place: 'mounted' };
    return staged.confirmed === 'read' ? { do: 'stage' } : { do: 'confirm', place: 'staged' };
  }
  // A key that the vault accepts and that is not the staged one may be mounted by now: another leader's.
  const others = accepted.some((fingerprint) => fingerprint !== staged.fingerprint);
  if (
    mounted.holds === 'nothing' &&
    (mounted.confirmed === 'no' || (mounted.confirmed === 'remembered' && others))
  ) {
    return { do: 'confirm', place: 'mounted' };
  }
  if (mounted.holds === 'key' && mounted.fingerprint === staged.fingerprint) return { do: 'unstage' };
  if (accepted.includes(staged.fingerprint)) return { do: 'mount', fingerprint: staged.fingerprint };
  // A leader that was slow staged a key after another had mounted one: its key was never offered.
  if (mounted.holds === 'key' && accepted.includes(mounted.fingerprint)) return { do: 'unstage' };
  return { do: 'offer', place: 'staged', fingerprint: staged.fingerprint };
}
