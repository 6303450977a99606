/** Events that are log lines too: one change, told in both places. */
import type { EventRecorder } from '#kube/kube.ts';
import type { Logger } from '#runtime/runtime.ts';

/** Notes of Events are public and hold no value, so they may stand in the log. */
export function loggedRecorder(recorder: EventRecorder, log: Logger): EventRecorder {
  return {
    get dropped() {
      return recorder.dropped;
    },
    record(event, signal) {
      const { type, object } = event.regarding;
      const { namespace, name } = object.metadata;
      const fields = { object: `${type.kind} ${namespace ?? ''}/${name}`, reason: event.reason };
      log[event.type === 'Normal' ? 'info' : 'warn'](fields, event.note);
      return recorder.record(event, signal);
    },
  };
}
