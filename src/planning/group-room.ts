/**
 * P4: groups are not in every tier, and a tier has room for so many. What a tier has no room for is not planned: the
 * vault would refuse it.
 *
 * Decides P4: what of groups is planned where the tier has none, or no room.
 */
import type { Context } from './context.ts';
import type { Finding, Source } from './plan-types.ts';

export class GroupRoom {
  readonly #context: Context;
  #made = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether a group may be given anything: where the tier has no groups, those that are there go on and take nothing new. */
  get mayGive(): boolean {
    return this.#context.observed.plan.caps.groups !== 0;
  }

  /** Takes the room of one group more; false: there is none. */
  take(): boolean {
    const cap = this.#context.observed.plan.caps.groups;
    if (cap !== null && this.#context.observed.groups.length + this.#made >= cap) return false;
    this.#made += 1;
    return true;
  }

  /** Held: what is declared needs another tier. */
  refused(subject: Finding['subject'], source: Source | null): Finding {
    const { groups } = this.#context.observed;
    const { name, caps, billingUrl } = this.#context.observed.plan;
    const room = caps.groups === 0 ? 'has no groups' : `has room for ${caps.groups} groups`;
    const larger = billingUrl === '' ? 'move to a larger plan' : `get more at ${billingUrl}`;
    return {
      subject,
      source,
      reason: 'QuotaReached',
      severity: 'Stalled',
      message:
        caps.groups === 0
          ? `The plan ${name} ${room}: those that are there (${groups.length}) go on giving and take nothing new.`
          : `The plan ${name} ${room}, and ${groups.length} are there.`,
      next: `Take it out of Git, or ${larger}.`,
    };
  }
}
