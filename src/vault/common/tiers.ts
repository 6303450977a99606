/**
 * P4: the plans of a server, and who may choose which; whoever runs it may bring others.
 *
 * Decides P4: the default plans, and what a plan has.
 */
import type { Tier } from '#model/organization.ts';

/** What a plan can have beyond its caps; groups are a cap, 0 where there are none. */
export const PLAN_FEATURES = ['confirmation', 'policies'] as const;
export type TierFeature = (typeof PLAN_FEATURES)[number];

/** A plan and what the server alone needs to know of it. */
export interface TierOffer extends Tier {
  readonly features: readonly TierFeature[];
  /** Who takes the plan without the administrator has it for so long, once an account; null: without an end. */
  readonly trialDays: number | null;
}

export interface TierCatalog {
  readonly offers: ReadonlyMap<string, TierOffer>;
  /** Names of the plans that accounts take by themselves; any other is set by whoever runs the server. */
  readonly selfService: ReadonlySet<string>;
  /** The plan of a new personal vault. */
  readonly personal: string;
  /** How many vaults an account makes by itself. */
  readonly vaultsPerAccount: number;
}

type Cap = number | null;
const MIB = 1024 * 1024;
const ALL: readonly TierFeature[] = PLAN_FEATURES;

function offer(
  name: string,
  [members, projects, machines, groups, storedBytes]: readonly [Cap, Cap, Cap, Cap, Cap],
  features: readonly TierFeature[],
): TierOffer {
  const caps = { members, projects, machines, groups, storedBytes };
  return { name, caps, billingUrl: '', features, trialDays: null };
}

const DEFAULT_OFFERS = [
  offer('Free', [5, 5, 20, 0, 10 * MIB], []),
  offer('Family', [10, 20, 50, 0, 50 * MIB], []),
  offer('Team', [100, 200, 1000, 50, 1024 * MIB], ALL),
  offer('Business', [null, null, null, null, null], ALL),
];

/** Of a server whose configuration names no plans. */
export const DEFAULT_CATALOG: TierCatalog = planCatalog(DEFAULT_OFFERS);

export function planCatalog(
  offers: readonly TierOffer[] = DEFAULT_OFFERS,
  terms: Partial<Omit<TierCatalog, 'offers' | 'selfService'>> & {
    readonly selfService?: readonly string[] | undefined;
  } = {},
): TierCatalog {
  const { selfService = ['Free'], personal = 'Free', vaultsPerAccount = 10 } = terms;
  return {
    offers: new Map(offers.map((one) => [one.name, one])),
    selfService: new Set(selfService),
    personal,
    vaultsPerAccount,
  };
}

/** The plan as it goes over the wire. One that the catalog lost has no room for anything new and takes nothing away. */
export function tierNamed({ offers }: TierCatalog, name: string): Tier {
  const found = offers.get(name) ?? offer(name, [0, 0, 0, 0, 0], []);
  const { caps, billingUrl, features } = found;
  return { name, caps, billingUrl, ...(features.includes('confirmation') ? {} : { noConfirmation: true }) };
}

/** P4: from Team on. */
export function hasGroups(plan: Tier): boolean {
  return plan.caps.groups !== 0;
}

export function hasFeature({ offers }: TierCatalog, plan: string, feature: TierFeature): boolean {
  return offers.get(plan)?.features.includes(feature) === true;
}
