/**
 * What one delegation may give in a time, as `loss.ts` says what may be lost: values that vault and plan judge by alike.
 *
 * Decides V4: the budgets of gains, their windows, and what is left of them.
 * Decides rail 8: how many invites leave in an hour.
 */
import { LOSS_CLASSES } from './loss.ts';

/** `unprovenKeys`: keys of machines that were there, added without a proof by the key before. */
export const GAIN_CLASSES = ['invites', 'projects', 'machines', 'raises', 'unprovenKeys'] as const;
export type GainClass = (typeof GAIN_CLASSES)[number];

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** How many of a class, in which rolling window (milliseconds). */
export const GAIN_BUDGETS = {
  invitesPerHour: { class: 'invites', window: HOUR },
  invitesPerDay: { class: 'invites', window: DAY },
  projectsPerDay: { class: 'projects', window: DAY },
  machinesPerHour: { class: 'machines', window: HOUR },
  raises: { class: 'raises', window: WEEK },
  unprovenKeys: { class: 'unprovenKeys', window: WEEK },
} as const satisfies Readonly<Record<string, { readonly class: GainClass; readonly window: number }>>;
export type GainBudgetName = keyof typeof GAIN_BUDGETS;
export const GAIN_BUDGET_NAMES = Object.keys(GAIN_BUDGETS) as readonly GainBudgetName[];

/** null: no bound for machines; for keys without a proof max(10, 10 % of the machines of the delegation's managers). */
export interface GainBudgets extends Readonly<Record<GainBudgetName, number | null>> {
  readonly invitesPerHour: number;
  readonly invitesPerDay: number;
  readonly projectsPerDay: number;
  readonly raises: number;
}

/** Where the owner says nothing. Raises without an approval: none. */
export const DEFAULT_GAIN_BUDGETS: GainBudgets = {
  invitesPerHour: 25,
  invitesPerDay: 200,
  projectsPerDay: 100,
  machinesPerHour: null,
  raises: 0,
  unprovenKeys: null,
};

/** The budgets where the Organization says less of invites: the lower of both holds (rail 8). `perHour` null: it does not. */
export function withInviteBound(budgets: GainBudgets, perHour: number | null): GainBudgets {
  if (perHour === null || perHour >= budgets.invitesPerHour) return budgets;
  return { ...budgets, invitesPerHour: perHour };
}

/** Of something that the delegation gave, or lost. */
export interface Counted<Class extends string> {
  readonly class: Class;
  readonly units: number;
  readonly at: number;
}

/**
 * The classes of the hard ceilings, in units for seven days. Losses count with and without a claimed approval; of the
 * others what a claimed approval released: gains that are raises, rails that were loosened, records of another origin
 * that were taken over with a gain.
 */
export const CLAIMED_CLASSES = ['raises', 'loosenings', 'takeOvers'] as const;
export type ClaimedClass = (typeof CLAIMED_CLASSES)[number];
export const CEILING_CLASSES = [...LOSS_CLASSES, ...CLAIMED_CLASSES] as const;
export type CeilingClass = (typeof CEILING_CLASSES)[number];
export type Ceilings = Readonly<Record<CeilingClass, number>>;

/** Beyond these a person approves in the vault, whatever the operator claims (rail 1, rail 2). */
export const DEFAULT_CEILINGS: Ceilings = {
  people: 20,
  suspensions: 50,
  invites: 200,
  access: 200,
  machines: 200,
  projects: 0,
  raises: 0,
  loosenings: 0,
  takeOvers: 0,
};

/** What a window holds. */
export interface Room {
  readonly used: number;
  readonly left: number;
  /** When more is left, in milliseconds since the epoch; null: nothing is used. */
  readonly freeAt: number | null;
}

/** Of what was counted, the part in the window that ends now. Pure. */
export function roomIn<Class extends string>(
  {
    class: counted,
    window,
    limit,
  }: { readonly class: Class; readonly window: number; readonly limit: number },
  given: readonly Counted<Class>[],
  now: number,
): Room {
  const within = given.filter((one) => one.class === counted && one.at > now - window);
  const used = within.reduce((sum, { units }) => sum + units, 0);
  const first = within.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  return {
    used,
    left: Math.max(0, limit - used),
    freeAt: within.length === 0 ? null : first + window,
  };
}

/** The units that a budget holds; null: no bound. `machines`: those of the managers that the delegation acts for. */
export function limitOf(budgets: GainBudgets, name: GainBudgetName, machines: number): number | null {
  if (name !== 'unprovenKeys') return budgets[name];
  return budgets.unprovenKeys ?? Math.max(10, Math.floor(machines / 10));
}

/**
 * What all budgets of a class leave together: the least of them, and when there is more; null: no bound, or no time at
 * which there is more.
 */
export function roomFor(
  { budgets, given, machines }: DelegatedGains & { readonly machines: number },
  gainClass: GainClass,
  now: number,
): { readonly left: number | null; readonly freeAt: number | null; readonly name: GainBudgetName | null } {
  let tightest: { left: number; freeAt: number | null; name: GainBudgetName } | null = null;
  for (const name of GAIN_BUDGET_NAMES) {
    const limit = limitOf(budgets, name, machines);
    if (GAIN_BUDGETS[name].class !== gainClass || limit === null) continue;
    const { left, freeAt } = roomIn({ ...GAIN_BUDGETS[name], limit }, given, now);
    const isTighter =
      tightest === null ||
      left < tightest.left ||
      // Two that are used up: it goes on when the later one does.
      (left === tightest.left && (freeAt ?? Infinity) > (tightest.freeAt ?? Infinity));
    if (isTighter) tightest = { left, freeAt: limit === 0 ? null : freeAt, name };
  }
  return tightest ?? { left: null, freeAt: null, name: null };
}

/** V4: what the delegation that asks may give, and gave in the last seven days. */
export interface DelegatedGains {
  readonly budgets: GainBudgets;
  readonly given: readonly Counted<GainClass>[];
}

/** Ends in what the owner types to have automation give more: `invitesPerHour` is changed by `--invites-per-hour`. */
export function raiseBudgetCommand(automationId: string, name: GainBudgetName): string {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `seneschal vault automation set-bounds ${automationId} --${flag} COUNT`;
}
