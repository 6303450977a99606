/**
 * Answers that come as late whatever was found, so that the time they take tells nothing (I1).
 *
 * Decides I1: that the time of an answer tells nothing.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';

/** Milliseconds; work that takes longer goes on to the end of the next slot. */
const SLOT = 20;
/** A timer may fire that much too late, or early by the fraction that it does not know. */
const TIMER = 2;

/** What `work` answers or throws, at the end of a slot of time that began with the call. */
export async function padToTimeSlot<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    const end = began + Math.ceil((performance.now() - began) / SLOT) * SLOT;
    const rest = end - performance.now() - TIMER;
    if (rest > 0) await setTimeout(rest);
    while (performance.now() < end) await setImmediate();
  }
}
