/** The Kubernetes client: the only file of this folder that others import. */
export { type BackoffLimits, backoff } from './backoff.ts';
export type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ListResult,
  RawRequest,
  RawResponse,
  RequestRecord,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
export { type Clock, pause, systemClock } from './clock.ts';
export { type Credentials, fileCredentials, type KubeConfig } from './credentials.ts';
export {
  isAborted,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isNamespaceTerminating,
  isNotFound,
  isQuotaExceeded,
  KubeError,
} from './error.ts';
export {
  createEventRecorder,
  type EventRecord,
  type EventRecorder,
  type EventRecorderOptions,
} from './events.ts';
export { HttpKubeClient, type KubeClientOptions } from './http-client.ts';
export { inClusterConfig } from './in-cluster.ts';
export { type LoadOptions, loadKubeConfig } from './kubeconfig.ts';
export { KubeConfigError } from './kubeconfig-file.ts';
export {
  createLeaderElector,
  type LeaderElector,
  type LeaderElectorOptions,
  type Leadership,
} from './lease.ts';
export { createWatcher, type WatcherOptions } from './list-watch.ts';
export { createNamespaceSetWatcher, type NamespaceSetWatcher } from './namespace-set.ts';
export {
  apiVersionOf,
  type KubeObject,
  keyOf,
  type ManagedFieldsEntry,
  type MetadataOnly,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  pathOf,
  type ResourceType,
  refOf,
} from './object.ts';
export type { Change, ChangeHandler, Indexer, ReadonlyStore } from './store.ts';
export { Store } from './store.ts';
export type { Transport } from './transport.ts';
export {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  type CustomResourceDefinition,
  EVENTS,
  type EventObject,
  LEASES,
  type Lease,
  NAMESPACES,
  type Namespace,
  type ObjectReference,
  SECRETS,
  type Secret,
} from './upstream-kinds.ts';
export { LineReader } from './watch-stream.ts';
export type { Lookup, Watcher, WatchState } from './watcher.ts';
