/** Controller machinery: the only file of this folder that others import. */
export { backoff, type Clock, pause, systemClock } from '#kube/kube.ts';
export {
  type Condition,
  type ConditionInput,
  type Readiness,
  removeCondition,
  sameConditions,
  setCondition,
  setReadiness,
  setSuspended,
  withoutSuspended,
} from './condition-set.ts';
export type { Controller, ControllerSpec, Enqueue, Priority } from './controller.ts';
export {
  AbortedError,
  type AnyReconcileError,
  AuthError,
  BugError,
  ConflictError,
  classify,
  type ErrorClass,
  HeldError,
  RateLimitedError,
  ReconcileError,
  RUNTIME_REASONS,
  TerminalError,
  TransientError,
  WaitingError,
} from './errors.ts';
export {
  type HealthServer,
  parseAddress,
  type Ready,
  serveHealth,
} from './health.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { type Cache, createManager, type Manager, type ManagerOptions } from './manager.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { loadPrometheus } from './prometheus.ts';
export {
  type Again,
  againAfter,
  type Reconcile,
  type ReconcileContext,
  type ReconcileResult,
} from './reconcile.ts';
export { terminationSignal } from './termination.ts';
