/** The long poll of one vault (V1): tells what moved, and keeps the vault's lease (rail 10). */
import type { VaultLease } from '#engine/manager-lease.ts';
import type { ChangesAnswer, VolatileState } from '#protocol/management.ts';
import { type Provider, ProviderError } from '#provider/provider.ts';
import { backoff, type Clock, pause } from '#runtime/runtime.ts';

/** Seconds that the vault holds a poll back: two polls a minute when nothing moves. */
const WAIT = 30;
const BACKOFF = { baseMs: 1_000, maxMs: 60_000 };
/** A vault that answers at once all the time is not asked more often than this. */
const SHORTEST_MS = 100;

export interface FeedCursor {
  readonly epoch: string;
  readonly revision: number;
  readonly secretRevision: number;
}

export interface FeedListener {
  /** The configuration moved, or the freeze flag or the holder of the lease did, or another waits for it. */
  moved(): void;
  secretsMoved(moved: ChangesAnswer['secrets']): void;
  /** A poll began, which may take so long (milliseconds). */
  asked(waits: number): void;
  heard(): void;
  /** `isUnreached`: nothing answered, or something in its place. */
  failed(isUnreached: boolean): void;
  /** Called at the first failure in a row, and at the first success after failures. */
  reachable(isReachable: boolean): void;
}

export interface FeedOptions {
  readonly provider: Provider;
  readonly lease: VaultLease;
  /** As the pass before the first poll saw it. */
  readonly from: FeedCursor & { readonly volatile: VolatileState };
  readonly listener: FeedListener;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  /** Waits before it asks again after a failure, at most so long (milliseconds): less, once the vault is known to be back. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Polls until the signal is aborted. Never rejects. */
export async function followChanges(options: FeedOptions, signal: AbortSignal): Promise<void> {
  const { provider, lease, listener, clock } = options;
  let cursor: FeedCursor = options.from;
  let stir = stirOf(options.from.volatile);
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = clock.now();
    listener.asked(WAIT * 1_000);
    try {
      const answer = await provider.changes(cursor, WAIT, lease.fence, signal);
      listener.heard();
      if (failures > 0) listener.reachable(true);
      failures = 0;
      if (lease.fence !== null) lease.seen(answer.volatile.lease, clock.now());
      const moved = answer.epoch !== cursor.epoch || answer.revision !== cursor.revision;
      const stirred = stirOf(answer.volatile);
      cursor = {
        epoch: answer.epoch,
        revision: answer.revision,
        secretRevision: answer.volatile.secretRevision,
      };
      if (answer.secrets.length > 0) listener.secretsMoved(answer.secrets);
      if (moved || stir !== stirred || answer.volatile.yieldRequested) listener.moved();
      stir = stirred;
      const took = clock.now() - startedAt;
      if (took < SHORTEST_MS) await pause(clock, SHORTEST_MS - took, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      listener.failed(isUnreached(error));
      if (failures === 1) listener.reachable(false);
      if (error instanceof ProviderError && error.code === 'LeaseLost') lease.lost();
      const again = error instanceof ProviderError ? error.retryAfter : null;
      await options.rest(again ?? backoff(failures, BACKOFF, options.random), signal);
    }
  }
}

/** What a listener is told of beside the revision. */
function stirOf({ freeze, yieldRequested, lease }: VolatileState): string {
  const whose =
    lease === null ? null : [lease.manager, lease.installation, lease.fencing, lease.holdsFor > 0];
  return JSON.stringify([freeze, yieldRequested, whose]);
}

/** Nothing answered, or something between here and the vault did in its place. */
export function isUnreached(error: unknown): boolean {
  return error instanceof ProviderError && UNREACHED.has(error.code);
}

const UNREACHED: ReadonlySet<string> = new Set(['Unreachable', 'VaultError']);
