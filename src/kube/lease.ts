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
