/** Rail 1: losses wait until they have been the same for `rails.settle`; after five minutes without it they are held. */
import type { Settling } from '../types.ts';

const PATIENCE = 5 * 60 * 1000;

export interface Settled {
  readonly state: 'quiet' | 'waiting' | 'restless';
  /** What the caller keeps for the next pass. */
  readonly settling: Settling;
  /** When the losses may run, if nothing changes. */
  readonly dueAt: number;
}

/** `hashes` are the steps that are pending now, `digest` stands for all of them. */
export function settle(
  before: Settling | undefined,
  digest: string,
  hashes: readonly string[],
  settleMs: number,
  now: number,
): Settled {
  const sticky = before?.held?.every((hash) => hashes.includes(hash)) === true;
  const same = before?.digest === digest;
  const unchangedSince = same ? before.unchangedSince : now;
  // Losses that had been quiet once and changed since are pending anew.
  const anew =
    before === undefined || (!same && (wasQuiet(before, settleMs, now) || before.held !== undefined));
  const pendingSince = anew && !sticky ? now : (before?.pendingSince ?? now);
  const settling: Settling = {
    digest,
    unchangedSince,
    pendingSince,
    ...(sticky && before?.held !== undefined ? { held: before.held } : {}),
  };
  const dueAt = unchangedSince + settleMs;
  if (now >= dueAt) return { state: 'quiet', settling, dueAt };
  return { state: now - pendingSince >= PATIENCE ? 'restless' : 'waiting', settling, dueAt };
}

function wasQuiet(before: Settling, settleMs: number, now: number): boolean {
  return now - before.unchangedSince >= settleMs;
}

/** Marks losses as held: while they are all still there, they leave only by approval or by Git. */
export function heldNow(settling: Settling, hashes: readonly string[]): Settling {
  return { ...settling, held: [...new Set([...(settling.held ?? []), ...hashes])].sort() };
}
