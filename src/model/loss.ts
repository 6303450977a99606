/**
 * What the rails count: losses, budgets, reservations, approvals (design §6, rail 1).
 *
 * Decides rail 1: the classes of losses, the default budgets and their window.
 */

/**
 * `people`: removed, declared absent or demoted. `suspensions`: explicit `state: Suspended`, a budget of its
 * own. `access`: grants, scopes, templates. `machines`: disabled, revoked or narrowed. `projects`: destroyed.
 */
export const LOSS_CLASSES = ['people', 'suspensions', 'access', 'machines', 'projects'] as const;
export type LossClass = (typeof LOSS_CLASSES)[number];

/** How many units of a class seven days may lose: max(min, min(max, percent of what there is)). */
export interface Budget {
  readonly min: number;
  /** null: no upper bound. */
  readonly max: number | null;
  /** 0 to 100. */
  readonly percent: number;
}

/** Rail 1 defaults. */
export const DEFAULT_BUDGETS: Readonly<Record<LossClass, Budget>> = {
  people: { min: 2, max: 10, percent: 5 },
  suspensions: { min: 2, max: 10, percent: 5 },
  access: { min: 20, max: null, percent: 10 },
  machines: { min: 10, max: null, percent: 20 },
  projects: { min: 0, max: 0, percent: 0 },
};

/** The units of a class that seven days may lose where `population` units exist (rounded down). */
export function budgetOf(budget: Budget, population: number): number {
  const share = Math.floor((population * budget.percent) / 100);
  const capped = budget.max === null ? share : Math.min(budget.max, share);
  return Math.max(budget.min, capped);
}

/** The window of the budgets: seven days, in milliseconds. */
export const BUDGET_WINDOW = 7 * 24 * 60 * 60 * 1000;

/** A loss that ran; the vault's own log (rail 1). */
export interface LedgerEntry {
  readonly class: LossClass;
  readonly units: number;
  readonly at: number;
  readonly stepHash: string;
  /** Approved losses and expiries do not count toward the budget; claimed approvals count toward the ceiling. */
  readonly approved: boolean;
}

/** Rail 1: what a class may lose in one go, checked by the vault all or none. */
export interface Reservation {
  readonly id: string;
  readonly class: LossClass;
  readonly digest: string;
  /** Hashes of the steps that still may run under it. */
  readonly stepHashes: readonly string[];
  readonly approved: boolean;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Rail 1: losses of a class that are held until a person approves them or Git takes one of them back. */
export interface HeldLosses {
  readonly class: LossClass;
  /** Sorted. */
  readonly stepHashes: readonly string[];
}

/** An approval given by a person's vault session (`seneschal approve`). */
export interface VaultApproval {
  readonly id: string;
  readonly digest: string;
  readonly approver: string;
  readonly reason: string;
  readonly at: number;
  readonly expiresAt: number;
}
