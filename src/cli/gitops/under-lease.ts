/** Decides rail 10: that the command line waits until the operator of its manager yields. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PassInput } from '#engine/pass-types.ts';
import { ProviderError } from '#provider/provider.ts';
import { Failure } from '../terminal/failure.ts';
import { tell } from '../terminal/print.ts';

/** How long the operator may take to finish its pass and yield, in milliseconds (rail 10). */
const YIELD_WITHIN = 30_000;
/** How often the lease is asked for meanwhile. */
const ASK_EVERY = 500;

/**
 * Works while the lease is held, and gives it back. `waited`: another process had it first, and may have written.
 * Throws Failure where the operator does not yield, ProviderError where another manager holds it, and what `work` throws.
 */
export async function underLease<Result>(
  input: PassInput,
  work: (waited: boolean) => Promise<Result>,
): Promise<Result> {
  const waited = await holdLease(input);
  try {
    return await work(waited);
  } finally {
    // The lease runs out by itself where it cannot be given back.
    await input.lease.release(input.provider, input.signal).catch(() => undefined);
  }
}

/** Asks until the operator has yielded; answers whether it had to. */
async function holdLease({ lease, provider, now, signal }: PassInput): Promise<boolean> {
  const until = now() + YIELD_WITHIN;
  for (let waited = false; ; waited = true) {
    try {
      await lease.hold(provider, now(), signal);
      return waited;
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== 'LeaseHeld') throw error;
      if (now() >= until) {
        throw new Failure(
          'Error',
          `LeaseHeld: another process of manager ${lease.manager} holds the lease of the vault and did not yield within 30 s (rail 10).`,
          'Run again; if it stays so, look at the operator.',
        );
      }
      if (!waited) tell(`waiting for the lease of manager ${lease.manager} ...`);
      await sleep(ASK_EVERY, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
