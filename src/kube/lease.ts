import type { KubeClient } from './client.ts';
import { type Clock, pause, systemClock } from './clock.ts';
import { isAborted, KubeError } from './error.ts';
import { LEASES, type Lease } from './upstream-kinds.ts';

/** The time for which this process leads. */
export interface Leadership {
  /** Aborted when the lease was lost, could not be renewed in time, or was released. */
  readonly signal: AbortSignal;
  /** `spec.leaseTransitions`: grows with each change of holder. */
  readonly transitions: number;
  /** Stops renewing and frees the lease, so that another takes it at its next try. Idempotent. */
  release(): Promise<void>;
}

/** Leader election on a Lease object (coordination.k8s.io/v1), with client-go's rules. */
export interface LeaderElector {
  readonly identity: string;
  readonly isLeader: boolean;
  /** Waits until the lease is ours. Rejects with a `KubeError` (`Aborted`) when the signal is aborted. */
  acquire(signal: AbortSignal): Promise<Leadership>;
}

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unlike that of any other process, such as the pod's name and a random part. */
  readonly identity: string;
  /** Default 15 s: others take over this long after they last saw the lease change. */
  readonly durationMs?: number;
  /** Default 10 s: without a renewal for this long we stop leading, before others may begin. */
  readonly renewDeadlineMs?: number;
  /** Default 2 s. */
  readonly retryMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Called for each try that failed for another reason than that the lease is held. */
  readonly onFailure?: (error: KubeError) => void;
}

/** Spread of the retries, as client-go's JitterFactor. */
const JITTER = 1.2;

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  return new LeaseElector(options);
}

class LeaseElector implements LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #durationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  /** The lease as last seen, and when it was last seen to change, by our own clock. */
  #seen: Lease | undefined;
  #changedAt = 0;
  /** True when what was last seen is known to be old. */
  #stale = false;
  #leading = false;

  constructor(options: LeaderElectorOptions) {
    this.identity = options.identity;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#durationMs = options.durationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryMs ?? 2_000;
  }

  get isLeader(): boolean {
    return this.#leading;
  }

  async acquire(signal: AbortSignal): Promise<Leadership> {
    for (;;) {
      if (signal.aborted) throw this.#aborted();
      const triedAt = this.#clock.now();
      if (await this.#try(signal)) return this.#lead(triedAt);
      const random = (this.#options.random ?? Math.random)();
      await pause(this.#clock, this.#retryMs * (1 + JITTER * random * 0.5), signal);
    }
  }

  /** One try to take or renew. `false` when it is held by another or the call failed. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name } = this.#options;
    const call = { signal, timeoutMs: this.#renewDeadlineMs / 2 };
    try {
      // The leader renews what it wrote last, without a read; a conflict makes it read again.
      const lease =
        this.#leading && this.#seen !== undefined
          ? this.#seen
          : await client.find(LEASES, { namespace, name }, call);
      if (lease === undefined) {
        this.#observe(await client.create(LEASES, this.#next(undefined), call));
        return true;
      }
      this.#observe(lease);
      const holder = lease.spec?.holderIdentity ?? '';
      // By the time that we saw it change, not by the time in it: the holder's clock may be wrong.
      const expired = this.#clock.now() - this.#changedAt >= (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
      if (holder !== '' && holder !== this.identity && !expired) return false;
      this.#observe(await client.replace(LEASES, this.#next(lease), call));
      return true;
    } catch (error) {
      if (isAborted(error)) return false;
      if (!(error instanceof KubeError)) throw error;
      // Somebody wrote in between: the next try has to read.
      if (error.code === 409 || error.code === 404) this.#stale = true;
      else this.#options.onFailure?.(error);
      return false;
    }
  }

  #observe(lease: Lease): void {
    if (lease.metadata.resourceVersion !== this.#seen?.metadata.resourceVersion)
      this.#changedAt = this.#clock.now();
    this.#seen = lease;
  }

  #next(lease: Lease | undefined): Lease {
    const now = microTime(this.#clock.now());
    const ours = lease?.spec?.holderIdentity === this.identity;
    const transitions = lease?.spec?.leaseTransitions ?? 0;
    return {
      metadata: lease?.metadata ?? { namespace: this.#options.namespace, name: this.#options.name },
      spec: {
        holderIdentity: this.identity,
        leaseDurationSeconds: Math.max(1, Math.ceil(this.#durationMs / 1000)),
        acquireTime: ours ? (lease?.spec?.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: lease === undefined || ours ? transitions : transitions + 1,
      },
    };
  }

  #lead(since: number): Leadership {
    this.#leading = true;
    this.#stale = false;
    const lost = new AbortController();
    const stop = new AbortController();
    const renewing = this.#renew(since, lost, stop.signal);
    let released: Promise<void> | undefined;
    return {
      signal: lost.signal,
      transitions: this.#seen?.spec?.leaseTransitions ?? 0,
      release: () => {
        released ??= (async () => {
          const held = this.#leading;
          stop.abort();
          await renewing;
          this.#leading = false;
          lost.abort();
          if (held) await this.#free();
        })();
        return released;
      },
    };
  }

  async #renew(since: number, lost: AbortController, stop: AbortSignal): Promise<void> {
    // The time before the call counts: the lease may have been written at any moment of it.
    let renewedAt = since;
    // Fires even while a call hangs: past the deadline we must not act as the leader.
    let cancel = () => {};
    const expire = () => {
      this.#leading = false;
      lost.abort();
    };
    const arm = () => {
      cancel();
      cancel = this.#clock.after(Math.max(0, renewedAt + this.#renewDeadlineMs - this.#clock.now()), expire);
    };
    arm();
    const ended = AbortSignal.any([stop, lost.signal]);
    while (!ended.aborted) {
      await pause(this.#clock, this.#retryMs, ended);
      if (ended.aborted) break;
      const triedAt = this.#clock.now();
      if (this.#stale && !(await this.#reread(expire, ended))) continue;
      if (await this.#try(ended)) {
        renewedAt = triedAt;
        arm();
      }
    }
    cancel();
  }

  /** After a conflict. True if the lease is still ours; if it is another's or gone, it is lost at once. */
  async #reread(expire: () => void, signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name } = this.#options;
    try {
      const lease = await client.find(LEASES, { namespace, name }, { signal });
      this.#stale = false;
      if (lease !== undefined) this.#observe(lease);
      if (lease?.spec?.holderIdentity === this.identity) return true;
      expire();
    } catch (error) {
      if (error instanceof KubeError && !isAborted(error)) this.#options.onFailure?.(error);
    }
    return false;
  }

  async #free(): Promise<void> {
    const lease = this.#seen;
    if (lease?.spec?.holderIdentity !== this.identity) return;
    const now = microTime(this.#clock.now());
    try {
      await this.#options.client.replace(
        LEASES,
        {
          metadata: lease.metadata,
          spec: {
            ...lease.spec,
            holderIdentity: '',
            leaseDurationSeconds: 1,
            renewTime: now,
            acquireTime: now,
          },
        },
        { timeoutMs: 2_000 },
      );
    } catch (error) {
      // It runs out by itself.
      if (error instanceof KubeError) this.#options.onFailure?.(error);
    }
  }

  #aborted(): KubeError {
    return new KubeError(
      { verb: 'acquire', resource: 'leases', namespace: this.#options.namespace, name: this.#options.name },
      { code: 0, reason: 'Aborted' },
    );
  }
}

/** metav1.MicroTime: RFC 3339 with six decimals. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
