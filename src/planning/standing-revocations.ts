/**
 * Rail 7 for one thing of a plan: what people cut of it is kept back until `spec.reinstate` names the entry; what is final, always.
 *
 * Decides rail 7: what a plan leaves out until it names the entry.
 */

import type { Tombstone, TombstoneAct } from '#model/record.ts';
import { type GivenAccess, isAnsweredBy, standingRevocation } from '#model/revocations.ts';

type Covered = Pick<GivenAccess, 'covers'>;

export class StandingRevocations {
  readonly #tombstones: readonly Tombstone[];
  readonly #reinstate: string | null;
  readonly #keptBack = new Map<string, Tombstone>();
  #reinstated: string | null = null;

  /** `reinstate`: the entry that the declaration names; null: none. */
  constructor(tombstones: readonly Tombstone[], reinstate: string | null) {
    this.#tombstones = tombstones;
    this.#reinstate = reinstate;
  }

  /** Whether a cut stands over what is given, and the declaration does not answer it. */
  keepBack(given: Covered): boolean {
    const revocation = standingRevocation(this.#tombstones, given);
    if (revocation === undefined) return false;
    if (isAnsweredBy(revocation, this.#reinstate)) {
      this.#reinstated = revocation.entry;
      return false;
    }
    this.#keptBack.set(revocation.entry, revocation);
    return true;
  }

  /** The cuts that kept something back, one an entry, in the order in which they were met. */
  get keptBack(): readonly Tombstone[] {
    return [...this.#keptBack.values()];
  }

  /** The entry that the declaration names, where it made a difference. */
  get reinstated(): string | null {
    return this.#reinstated;
  }
}

/** Whatever one of these acts cut as a whole: a membership, a machine. */
export function wholeRevocationBy(acts: readonly TombstoneAct[]): Covered {
  return { covers: ({ act, item }) => item === null && acts.includes(act) };
}

/** Whatever was cut under one of these names. */
export function itemRevocation(items: readonly string[]): Covered {
  return { covers: ({ item }) => item !== null && items.includes(item) };
}
