import type { LeaderElector, NamespaceSetWatcher, Watcher } from '../kube/kube.ts';
import type { Controller, ControllerSpec } from './controller.ts';

/** Runs controllers: caches first, then the lease, then work. */
export interface Manager {
  /** The cache must be synced before the process is ready or leads. Before `run`. */
  addWatcher(watcher: Watcher | NamespaceSetWatcher): void;
  /** Before `run`. */
  addController(spec: ControllerSpec): Controller;
  /** Called when this process leads; the signal is aborted when it no longer does. Before `run`. */
  onLeading(task: (signal: AbortSignal) => void): void;
  readonly isLeader: boolean;
  /**
   * Runs until the signal is aborted (`stopped`) or the lease is lost (`lease-lost`; the process
   * should exit with a code other than 0). Runs in flight are waited for before it resolves.
   */
  run(signal: AbortSignal): Promise<'stopped' | 'lease-lost'>;
}

export interface ManagerOptions {
  /** Absent: lead without a lease. */
  readonly elector?: LeaderElector;
}
