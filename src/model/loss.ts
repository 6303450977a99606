/**
 * What the rails count: losses, budgets, reservations, approvals (design §6, rail 1).
 *
 * Decides rail 1: the classes of losses, the default budgets and their window.
 */

/**
 * `people`: removed, declared absent or demoted. `suspensions`: explicit `state: Suspended`, a budget of its
 * own. `invites`: taken back or narrowed before anybody accepted. `access`: grants, scopes, templates. `machines`:
 * disabled, revoked or narrowed. `projects`: destroyed.
 */
export const LOSS_CLASSES = ['people', 'suspensions', 'invites', 'access', 'machines', 'projects'] as const;
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
  suspensions: { min: 5, max: 25, percent: 20 },
  invites: { min: 20, max: null, percent: 50 },
  access: { min: 20, max: null, percent: 10 },
  machines: { min: 10, max: null, percent: 20 },
  projects: { min: 0, max: 0, percent: 0 },
};

/** `Hold`: every loss waits for an approval but an explicit suspension, which has its budget all the same. */
export const LOSS_MODES = ['Budget', 'Hold'] as const;
export type LossMode = (typeof LOSS_MODES)[number];

const NOTHING: Budget = { min: 0, max: 0, percent: 0 };

/** The budget that a class is judged by: under `rails.losses: Hold` none but that of suspensions. */
export function budgetInForce(
  rails: { readonly losses: LossMode; readonly lossBudget: Readonly<Record<LossClass, Budget>> },
  lossClass: LossClass,
): Budget {
  const holdsAll = rails.losses === 'Hold' && lossClass !== 'suspensions';
  return holdsAll ? NOTHING : rails.lossBudget[lossClass];
}

/** The units of a class that seven days may lose where `population` units exist (rounded down). */
export function budgetOf(budget: Budget, population: number): number {
  const share = Math.floor((population * budget.percent) / 100);
  const capped = budget.max === null ? share : Math.min(budget.max, share);
  return Math.max(budget.min, capped);
}

/** The window of the budgets: seven days, in milliseconds. */
export const BUDGET_WINDOW = 7 * 24 * 60 * 60 * 1000;

/** A loss that ran, is reserved, or is asked for. */
export interface CountedLoss {
  readonly stepHash: string;
  readonly units: number;
}

/** How `asked` stands beside what the window lost or reserved already. */
export interface Spending {
  readonly used: number;
  /** What `asked` adds. */
  readonly more: number;
}

/**
 * What is used of a class, and what more is asked for. A suspension can be undone, so a person who is suspended again
 * within the window is counted once: the step of a suspension is the same for the same person, and so is its hash.
 */
export function spending(
  lossClass: LossClass,
  lost: readonly CountedLoss[],
  asked: readonly CountedLoss[],
): Spending {
  const units = (losses: readonly CountedLoss[]): number =>
    lossClass === 'suspensions'
      ? new Set(losses.map(({ stepHash }) => stepHash)).size
      : losses.reduce((sum, loss) => sum + loss.units, 0);
  const used = units(lost);
  return { used, more: units([...lost, ...asked]) - used };
}

/** Whether a budget still holds what is asked for; what adds nothing always fits, also where it is overdrawn. */
export function fits(budget: number, { used, more }: Spending): boolean {
  return more <= Math.max(0, budget - used);
}

/** A loss that ran; the vault's own log (rail 1). */
export interface LedgerEntry extends CountedLoss {
  readonly class: LossClass;
  readonly at: number;
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
  /** Its giver is the owner, by now. */
  readonly byOwner: boolean;
  readonly reason: string;
  readonly at: number;
  readonly expiresAt: number;
}
