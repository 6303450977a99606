/** Steps that a rail judges together, before approvals are looked at. */

import type { ClaimedClass } from '#model/gains.ts';
import type { LossClass } from '#model/loss.ts';
import { hashSet } from '#model/membership.ts';
import type { Held, HoldReason, LossGroup } from '../plan-types.ts';
import type { Planned } from '../planned.ts';
import { approveCommand } from '../release-command.ts';

/** What a rail says about some steps; `digest` null where no approval can release them. */
export interface Hold {
  readonly reason: HoldReason;
  readonly rail: number;
  readonly message: string;
  readonly next: string;
  readonly approvable: boolean;
  /** Which ceiling a claimed approval of it counts toward, beside that of a loss; each step as one. */
  readonly claimed?: ClaimedClass;
  /** Why no PlanApproval releases it, whatever the ceilings. Left out: one may. */
  readonly inVaultAlone?: string;
  /** In the vault its owner's approval alone releases it. Left out: any approver's does. */
  readonly byOwnerAlone?: boolean;
}

/** Steps that run, wait or are held together: a class of losses, or one step. */
export interface Group {
  readonly class: LossClass | null;
  readonly planned: readonly Planned[];
  readonly hold: Hold;
  readonly digest: string;
}

export function groupOf(lossClass: LossClass | null, planned: readonly Planned[], hold: Hold): Group {
  return { class: lossClass, planned, hold, digest: digestOf(planned) };
}

export function digestOf(planned: readonly Planned[]): string {
  return hashSet(planned.map(({ step }) => step.hash)).digest;
}

/** `byClaim`: a PlanApproval would release it too. */
export function heldOf({ hold, planned, digest }: Group, byClaim: boolean): Held {
  const why = hold.inVaultAlone ?? 'this delegation leaves it to no PlanApproval';
  const who = hold.byOwnerAlone === true ? ' as its owner' : '';
  const way = byClaim ? '' : `, signed in to the vault${who} (${why})`;
  return {
    reason: hold.reason,
    rail: hold.rail,
    steps: planned.map(({ step }) => step),
    digest: hold.approvable ? digest : null,
    message: hold.message,
    next: hold.approvable ? `${hold.next} Or let it happen${way}: ${approveCommand(digest)}` : hold.next,
    byPlanApproval: hold.approvable && byClaim,
  };
}

/**
 * Losses of one class that one approval releases, whichever rails held them: the vault takes it once for a class, so they
 * are one reservation, in the order of the plan.
 */
export function reservedAsOne(groups: readonly LossGroup[], planned: readonly Planned[]): LossGroup[] {
  const alike = new Map<string, LossGroup[]>();
  for (const group of groups) {
    const key = JSON.stringify([group.class, group.approval?.via, group.approval?.reference]);
    alike.set(key, [...(alike.get(key) ?? []), group]);
  }
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? [];
    const reserved = new Set([first, ...others].flatMap(({ steps }) => steps));
    return { ...first, steps: planned.map(({ step }) => step).filter((step) => reserved.has(step)) };
  });
}
