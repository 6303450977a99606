import type { Provider } from '#provider/provider.ts';
import { Interruption } from './failure.ts';

/** Aborted by the first SIGINT or SIGTERM; the second ends the process at once. */
export function stopOnSignals(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interruption());
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}

/** A provider whose calls are begun only while `stop` is not aborted, and are finished once begun. */
export function finishingCalls(provider: Provider, stop: AbortSignal): Provider {
  const { signal: never } = new AbortController();
  const begun = <A extends readonly unknown[], R>(call: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      stop.throwIfAborted();
      return call(...args);
    };
  };
  return {
    address: provider.address,
    rotationLine: (machineId, fingerprint) => provider.rotationLine(machineId, fingerprint),
    observe: begun((known) => provider.observe(known, never)),
    changes: begun((since, wait, fence) => provider.changes(since, wait, fence, never)),
    takeLease: begun((request) => provider.takeLease(request, never)),
    // Giving back what is held is part of stopping.
    releaseLease: (fence) => provider.releaseLease(fence, never),
    reserve: begun((request) => provider.reserve(request, never)),
    keepHolds: begun((request) => provider.keepHolds(request, never)),
    execute: begun((fence, steps) => provider.execute(fence, steps, never)),
    recordSightings: begun((request) => provider.recordSightings(request, never)),
    sync: begun((claims) => provider.sync(claims, never)),
    keyUse: begun((fingerprints) => provider.keyUse(fingerprints, never)),
    auditProof: begun((after) => provider.auditProof(after, never)),
    answers: () => provider.answers(never),
    dropConnections: () => provider.dropConnections(),
    close: () => provider.close(),
  };
}
