/** Notes which steps a pass executed: the plan that a pass gives back is the last one, without them. */
import type { Provenance } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { Provider } from '#provider/provider.ts';

export interface ExecutedStep {
  readonly action: StepAction;
  readonly provenance: Provenance;
}

export interface ExecutedSteps {
  /** To be handed to one pass. */
  readonly provider: Provider;
  /** Steps that the vault answered with Done, in order. */
  readonly steps: readonly ExecutedStep[];
}

/** `onDone` is called at once, so that what was done is told also of a pass that fails later. */
export function noteExecuted(provider: Provider, onDone: (action: StepAction) => void): ExecutedSteps {
  const steps: ExecutedStep[] = [];
  return {
    steps,
    provider: {
      address: provider.address,
      rotationLine: (machineId, fingerprint) => provider.rotationLine(machineId, fingerprint),
      observe: (known, signal) => provider.observe(known, signal),
      changes: (since, wait, fence, signal) => provider.changes(since, wait, fence, signal),
      takeLease: (request, signal) => provider.takeLease(request, signal),
      releaseLease: (fence, signal) => provider.releaseLease(fence, signal),
      reserve: (request, signal) => provider.reserve(request, signal),
      keepHolds: (request, signal) => provider.keepHolds(request, signal),
      execute: async (fence, requests, signal) => {
        const answers = await provider.execute(fence, requests, signal);
        for (const [index, { action, provenance }] of requests.entries()) {
          if (answers[index]?.status !== 'Done') continue;
          steps.push({ action, provenance });
          onDone(action);
        }
        return answers;
      },
      recordSightings: (request, signal) => provider.recordSightings(request, signal),
      sync: (claims, signal) => provider.sync(claims, signal),
      keyUse: (fingerprints, signal) => provider.keyUse(fingerprints, signal),
      auditProof: (after, signal) => provider.auditProof(after, signal),
      answers: (signal) => provider.answers(signal),
      dropConnections: () => provider.dropConnections(),
      close: () => provider.close(),
    },
  };
}
