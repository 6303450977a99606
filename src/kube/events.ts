import type { KubeObject, ResourceType } from './object.ts';

/** One change to tell about. `note` and `reason` are public: no values. */
export interface EventRecord {
  readonly regarding: { readonly type: ResourceType; readonly object: KubeObject };
  readonly type: 'Normal' | 'Warning';
  /** CamelCase constant. */
  readonly reason: string;
  /** What was done or tried, CamelCase. */
  readonly action: string;
  /** One sentence, cut at 1,024 bytes. */
  readonly note: string;
}

/** Creates Events (events.k8s.io/v1). Call it once per change: it counts nothing and repeats nothing. */
export interface EventRecorder {
  /** Never rejects: an Event that cannot be written is counted and dropped. */
  record(event: EventRecord, signal?: AbortSignal): Promise<void>;
  /** Events that were not written since the start. */
  readonly dropped: number;
}
