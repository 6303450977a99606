/**
 * Rail 1: losses wait until they have been the same for `rails.settle`; after five minutes without it they are held.
 *
 * Decides rail 1: when losses have been quiet for long enough.
 */
import type { Settling } from '../plan-types.ts';

const PATIENCE = 5 * 60 * 1000;

export interface Settled {
  readonly state: 'quiet' | 'waiting' | 'restless';
  /** What the caller keeps for the next pass. */
  readonly settling: Settling;
  /** When the losses may run, if nothing changes. */
  readonly dueAt: number;
}

/** `digest` stands for all the losses of the class that are wanted now. */
export function settle(before: Settling | undefined, digest: string, settleMs: number, now: number): Settled {
  const same = before?.digest === digest;
  const unchangedSince = same ? before.unchangedSince : now;
  // Losses that had been quiet once and changed since are pending anew.
  const anew = before === undefined || (!same && wasQuiet(before, settleMs, now));
  const pendingSince = anew ? now : before.pendingSince;
  const settling: Settling = { digest, unchangedSince, pendingSince };
  const dueAt = unchangedSince + settleMs;
  if (now >= dueAt) return { state: 'quiet', settling, dueAt };
  return { state: now - pendingSince >= PATIENCE ? 'restless' : 'waiting', settling, dueAt };
}

function wasQuiet(before: Settling, settleMs: number, now: number): boolean {
  return now - before.unchangedSince >= settleMs;
}
