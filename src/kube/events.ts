import { randomBytes } from 'node:crypto';
import type { KubeClient } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { KubeError } from './error.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from './object.ts';
import { EVENTS } from './upstream-kinds.ts';

/** One change to tell about. `note` and `reason` are public: no values. */
export interface EventRecord {
  readonly regarding: { readonly type: ResourceType; readonly object: KubeObject };
  readonly type: 'Normal' | 'Warning';
  /** CamelCase constant. */
  readonly reason: string;
  /** What was done or tried, CamelCase. */
  readonly action: string;
  /** One sentence, cut at 1,024 bytes (the API server's limit). */
  readonly note: string;
}

/** Creates Events (events.k8s.io/v1). Call it once per change: it counts nothing and repeats nothing. */
export interface EventRecorder {
  /** Never rejects: an Event that cannot be written is counted and dropped. */
  record(event: EventRecord, signal?: AbortSignal): Promise<void>;
  /** Events that were not written since the start. */
  readonly dropped: number;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** Name of the controller, such as `seneschal.dev/operator`. */
  readonly controller: string;
  /** Name of this process. */
  readonly instance: string;
  readonly clock?: Clock;
  /** Called for each Event that was dropped; a terminating namespace is among the causes. */
  readonly onDropped?: (error: KubeError) => void;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const clock = options.clock ?? systemClock;
  let dropped = 0;
  return {
    get dropped() {
      return dropped;
    },
    async record(event, signal) {
      const { type, object } = event.regarding;
      // Events about cluster-scoped objects live in `default`, as with kubectl describe's lookups.
      const namespace = object.metadata.namespace ?? 'default';
      try {
        await options.client.create(
          EVENTS,
          {
            metadata: { namespace, name: eventName(object.metadata.name) },
            eventTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
            reportingController: options.controller,
            reportingInstance: options.instance.slice(0, 128),
            action: event.action,
            reason: event.reason,
            type: event.type,
            note: cut(event.note, 1_024),
            regarding: {
              apiVersion: apiVersionOf(type),
              kind: type.kind,
              name: object.metadata.name,
              ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
              ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
              ...(object.metadata.resourceVersion === undefined
                ? {}
                : { resourceVersion: object.metadata.resourceVersion }),
            },
          },
          { signal },
        );
      } catch (error) {
        // A change was made whether or not it can be told: 403 in a terminating namespace is the usual case.
        dropped += 1;
        if (error instanceof KubeError) options.onDropped?.(error);
      }
    },
  };
}

/** Unique; the object's name first, so that a list by name reads well. 253 characters at most. */
function eventName(objectName: string): string {
  return `${objectName.slice(0, 230).replace(/[^a-z0-9]$/, '')}.${randomBytes(8).toString('hex')}`;
}

/** At most `limit` bytes of UTF-8, ending in an ellipsis when something was cut. */
function cut(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let end = Buffer.from(text)
    .subarray(0, limit - 3)
    .toString('utf8');
  while (end.endsWith('\uFFFD')) end = end.slice(0, -1);
  return `${end}…`;
}
