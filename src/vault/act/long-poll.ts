/** How a long poll waits: it looks, and looks again whenever something moved that it is about. */
import type { VaultContext } from './context.ts';

export interface Wait {
  /** Vaults and accounts whose moves end a wait of it. */
  readonly ids: readonly string[];
  /** At most, in milliseconds. */
  readonly milliseconds: number;
  /** Ends it early: the server stops, or whoever asked is gone. */
  readonly signal: AbortSignal;
}

/** The last look: the first that does not stand, or the one at the end of the wait. Throws what `look` throws. */
export async function poll<Look extends { readonly stands: boolean }>(
  { clock, moved }: Pick<VaultContext, 'clock' | 'moved'>,
  { ids, milliseconds, signal }: Wait,
  look: () => Promise<Look>,
): Promise<Look> {
  const until = clock.now() + milliseconds;
  for (;;) {
    const waiting = new AbortController();
    // The wait begins before the look, so that nothing can move between the two unseen.
    const left = until - clock.now();
    const either = AbortSignal.any([signal, waiting.signal]);
    const anything = Promise.race(ids.map((id) => moved(id, Math.max(0, left), either)));
    try {
      const seen = await look();
      if (!seen.stands || left <= 0 || signal.aborted) return seen;
      await anything;
    } finally {
      waiting.abort();
    }
  }
}
