/**
 * Rail 7 for whom a group lists: what people cut of the group, and of the person as a whole.
 *
 * Decides rail 7: which memberships of a group a plan leaves out.
 */
import type { Tombstone } from '#model/record.ts';
import { givenByListing, givenToGroup } from '#model/revocations.ts';
import type { Context } from './context.ts';
import { StandingRevocations } from './standing-revocations.ts';

export class GroupCuts {
  readonly #context: Context;
  readonly #group: StandingRevocations;
  readonly #people = new Map<string, StandingRevocations>();
  readonly #reinstate: string | null;

  constructor(context: Context, group: StandingRevocations, reinstate: string | null) {
    this.#context = context;
    this.#group = group;
    this.#reinstate = reinstate;
  }

  keepBack(email: string): boolean {
    if (this.#group.keepBack(givenToGroup.membership(email))) return true;
    const state = this.#context.member(email)?.state;
    if (state === undefined) return false;
    const person = new StandingRevocations(this.#context.tombstones('Member', email), this.#reinstate);
    this.#people.set(email, person);
    return person.keepBack(givenByListing(state));
  }

  get keptBack(): readonly Tombstone[] {
    return [...this.#group.keptBack, ...[...this.#people.values()].flatMap(({ keptBack }) => keptBack)];
  }

  get reinstated(): string | null {
    const people = [...this.#people.values()].map(({ reinstated }) => reinstated);
    return this.#group.reinstated ?? people.find((entry) => entry !== null) ?? null;
  }
}
