/** The long poll of one vault (V1): tells what moved, and keeps the vault's lease (rail 10). */
import type { VaultLease } from '#engine/manager-lease.ts';
import type { ChangesAnswer } from '#protocol/management.ts';
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
  readonly from: FeedCursor;
  readonly listener: FeedListener;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  /** Waits before it asks again after a failure, at most so long (milliseconds): less, once the vault is known to be back. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Polls until the signal is aborted. Never rejects. */
export async function followChanges(options: FeedOptions, signal: AbortSignal): Promise<void> {
  const { provider, lease, listener, clock } = options;
  let cursor = options.from;
  let volatile = '';
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = clock.now();
    listener.asked(WAIT * 1_000);
    try {
      const answer = await provider.changes(cursor, WAIT, lease.fence, signal);
      listener.heard();
      if (failures > 0) listener.reachable(true);
      failures = 0;
      noteLease(lease, answer);
      const moved = answer.epoch !== cursor.epoch || answer.revision !== cursor.revision;
      const { freeze, yieldRequested, lease: holder } = answer.volatile;
      const seen = JSON.stringify([freeze, yieldRequested, holder?.installation ?? null]);
      cursor = {
        epoch: answer.epoch,
        revision: answer.revision,
        secretRevision: answer.volatile.secretRevision,
      };
      if (answer.secrets.length > 0) listener.secretsMoved(answer.secrets);
      if (moved || (volatile !== '' && volatile !== seen) || yieldRequested) listener.moved();
      volatile = seen;
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

function noteLease(lease: VaultLease, { volatile }: ChangesAnswer): void {
  const fence = lease.fence;
  if (fence === null) return;
  if (volatile.lease === null || volatile.lease.fencing !== fence.fencing) lease.lost();
  else lease.renewed(volatile.lease.expiresAt);
}

/** Nothing answered, or something between here and the vault did in its place. */
export function isUnreached(error: unknown): boolean {
  return error instanceof ProviderError && UNREACHED.has(error.code);
}

const UNREACHED: ReadonlySet<string> = new Set(['Unreachable', 'VaultError']);
