/**
 * Rail 1: held losses leave only by approval or by Git, never because the window moved on or a process was
 * restarted. The vault keeps which they are.
 *
 * Decides rail 1: that what is held stays held.
 */
import type { HeldLosses, LossClass } from '#model/loss.ts';
import type { HoldReason } from '../plan-types.ts';
import { sortedTexts } from '../sorted.ts';

/**
 * Reasons that time, or the rest of the plan as it runs, would take away. The others are read off the objects and
 * the vault each time.
 */
const PASSING: readonly HoldReason[] = ['LossBudget', 'NotSettled', 'MassAbsence', 'NeedsApproval'];

/**
 * What the vault keeps as held of a class, while all of it is still wanted; once Git takes one of the steps back,
 * the rest is judged afresh. `hashes` are the losses that are wanted and that no open reservation covers: what was
 * approved has one.
 */
export function holdThatStands(
  observed: readonly HeldLosses[],
  lossClass: LossClass,
  hashes: readonly string[],
): HeldLosses | null {
  const wanted = new Set(hashes);
  const hold = observed.find((one) => one.class === lossClass);
  return hold?.stepHashes.every((hash) => wanted.has(hash)) === true ? hold : null;
}

/** What is to be kept of losses that a rail has just held; null: the reason stays by itself. */
export function heldAnew(
  lossClass: LossClass,
  reason: HoldReason,
  hashes: readonly string[],
): HeldLosses | null {
  return PASSING.includes(reason) ? { class: lossClass, stepHashes: sortedTexts(hashes) } : null;
}
