/** Commits one after the other, and the passes of a manager that follow them: for the tests of what runs in which order. */
import fc from 'fast-check';
import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import { organizationFields } from '#engine/declared-fields.ts';
import { desiredOf } from '#engine/desired.ts';
import { budgetInForce, budgetOf, fits, type LossClass, spending } from '#model/loss.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import { populationOf } from '#model/population.ts';
import { plan } from '#planning/plan.ts';
import type { Desired, OrganizationPlan, Settling, Step } from '#planning/plan-types.ts';
import { arbitraryResources } from './arbitrary-resources.ts';
import { policy, settled } from './desired.ts';
import { applySteps } from './oracle.ts';
import { NOW, organization } from './organization.ts';
import { CONTEXT, organizationResource } from './resources.ts';

export type Objects = readonly CustomResource[];
export type Rails = NonNullable<Spec<'Organization'>['rails']>;

/** Beyond the default of `rails.settle`, in milliseconds. */
export const SETTLE = 31_000;
const DAY = 24 * 60 * 60 * 1000;

/** Small budgets, so that small organizations meet them. */
const units = fc.integer({ min: 0, max: 4 }).map((some) => ({ min: some, max: some }));
const arbitraryRails: fc.Arbitrary<Rails> = fc
  .record({
    people: fc
      .record({ min: fc.integer({ min: 0, max: 2 }), percent: fc.constantFrom(0, 20, 50) })
      .map((budget) => ({ ...budget, max: 10 })),
    suspensions: units,
    invites: fc.record({ min: fc.integer({ min: 0, max: 2 }), percent: fc.constantFrom(0, 50) }),
    access: units,
    machines: units,
    privilegeApproval: fc.constantFrom('Always' as const, 'Never' as const),
  })
  .chain(({ privilegeApproval, ...lossBudget }) =>
    fc
      .constantFrom('Budget' as const, 'Budget' as const, 'Hold' as const)
      .map((losses) => ({ losses, privilegeApproval, lossBudget })),
  );

/** Who of the invited joins before the next commit, by the number in their address. */
const arbitraryJoining = fc.subarray([0, 1, 2, 3, 4, 5]);

/** What the vault is while managers come and go: passes of one manager, as the engine runs them. */
export class Vault {
  state: OrganizationState;
  now = NOW;
  /** What ran, in order. */
  readonly steps: Step[] = [];
  readonly #rails: Desired['organization']['fields']['rails'];
  readonly #organization: CustomResource<'Organization'>;
  #settling: Partial<Record<LossClass, Settling>> = {};
  readonly #settle: boolean;

  /** Without a state: the rails were applied, and nothing else. */
  constructor(rails: Rails, settle: boolean, state: OrganizationState | null = null) {
    this.#organization = organizationResource({ rails });
    this.#settle = settle;
    this.#rails = organizationFields(this.#organization.spec).rails;
    this.state = state ?? settled(organization().build(), this.#rails);
  }

  plan(objects: Objects): OrganizationPlan {
    const { desired } = desiredOf(this.#organization, objects, CONTEXT);
    return plan(
      desired as Desired,
      this.state,
      policy({ settle: this.#settle, settling: this.#settling }),
      this.now,
    );
  }

  /** Rounds until nothing runs any more; what is held is kept by the vault (rail 1). */
  pass(objects: Objects): void {
    for (let round = 0; round < 8; round++) {
      const next = this.plan(objects);
      this.#settling = next.settling as Partial<Record<LossClass, Settling>>;
      this.state = { ...this.state, holds: [...next.holds] };
      const steps = next.runnable.filter(({ executor }) => executor === 'engine');
      if (steps.length === 0) return;
      this.state = applySteps(this.state, steps, this.now);
      this.steps.push(...steps);
    }
    throw new Error('no rest after eight rounds');
  }

  /** Whether the budget of a class holds these units beside what was lost. */
  allows(lossClass: LossClass, more: number): boolean {
    const budget = budgetOf(
      budgetInForce(this.#rails, lossClass),
      populationOf(this.state, lossClass, this.now),
    );
    const lost = this.state.ledger.filter((entry) => entry.class === lossClass);
    return fits(budget, { ...spending(lossClass, lost, []), more });
  }

  /** Hashes of the steps that ran. */
  get ran(): readonly string[] {
    return this.steps.map(({ hash }) => hash);
  }

  /** Of the invited these join; left out: whoever is. */
  join(some?: readonly number[]): void {
    const joins = ({ email }: Member): boolean => some?.includes(Number(email[1])) ?? true;
    const members = this.state.members.map((member) =>
      member.state === 'Invited' && joins(member)
        ? { ...member, state: 'Active' as const, invite: null }
        : member,
    );
    this.state = { ...this.state, members };
  }
}

export interface Commits {
  readonly before: Objects;
  readonly after: Objects;
  readonly rails: Rails;
  readonly joining: readonly number[];
}

export const arbitraryCommits: fc.Arbitrary<Commits> = fc.record({
  before: arbitraryResources,
  after: arbitraryResources,
  rails: arbitraryRails,
  joining: arbitraryJoining,
});

/** The organization two days after the first commit, and what a plan of the second prints. */
export function printedFor({ before, after, rails, joining }: Commits): {
  start: Vault;
  printed: OrganizationPlan;
} {
  const start = new Vault(rails, false);
  start.pass(before);
  start.join(joining);
  start.now += 2 * DAY;
  start.pass(before);
  return { start, printed: start.plan(after) };
}
