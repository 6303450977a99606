/** A provider to which one fault happens: whatever vault is behind it. */
import type { Fence, StepAnswer, StepRequest } from '#protocol/management.ts';
import { type Provider, ProviderError } from '#provider/provider.ts';
import type { Fault } from './commands.ts';

/** The process ended: nothing catches it but who started the pass. */
export class Killed extends Error {}

/** What the provider is told of each step that the vault answered. */
export interface Listener {
  answered(request: StepRequest, answer: StepAnswer): void;
  reserved(request: Parameters<Provider['reserve']>[0]): void;
}

/** The same provider with the fault in the pass that it is used for. */
export function withFault(provider: Provider, fault: Fault, listener: Listener): Provider {
  let sent = 0;
  const send = async (fence: Fence, steps: readonly StepRequest[], signal: AbortSignal) => {
    if (steps.length === 0) return [];
    const answers = await provider.execute(fence, steps, signal);
    for (const [index, answer] of answers.entries()) {
      const request = steps[index];
      if (request !== undefined) listener.answered(request, answer);
    }
    return answers;
  };
  return {
    address: provider.address,
    rotationLine: (...asked) => provider.rotationLine(...asked),
    observe: (...asked) => provider.observe(...asked),
    changes: (...asked) => provider.changes(...asked),
    releaseLease: (...asked) => provider.releaseLease(...asked),
    recordSightings: (...asked) => provider.recordSightings(...asked),
    sync: (...asked) => provider.sync(...asked),
    keyUse: (...asked) => provider.keyUse(...asked),
    auditProof: (...asked) => provider.auditProof(...asked),
    answers: (...asked) => provider.answers(...asked),
    dropConnections: () => provider.dropConnections(),
    close: () => provider.close(),
    takeLease: (...asked) => provider.takeLease(...asked),
    keepHolds: (...asked) => provider.keepHolds(...asked),
    async reserve(request, signal) {
      const reservation = await provider.reserve(request, signal);
      listener.reserved(request);
      if (fault.is === 'KilledAfterReserving') throw new Killed();
      return reservation;
    },
    async execute(fence, steps, signal) {
      const first = sent;
      sent += steps.length;
      if (!('nth' in fault) || fault.nth < first || fault.nth >= sent) return send(fence, steps, signal);
      const at = fault.nth - first;
      const before = await send(fence, steps.slice(0, at), signal);
      if (fault.is === 'Killed') throw new Killed();
      if (fault.is === 'AnswerLost') {
        await send(fence, steps.slice(at), signal);
        throw new ProviderError({
          class: 'Transient',
          code: 'Unreachable',
          publicMessage: 'The vault does not answer.',
        });
      }
      const answer: StepAnswer =
        fault.is === 'Failed'
          ? { status: 'Failed', message: 'The vault failed.' }
          : {
              status: 'Refused',
              code: 'QuotaReached',
              message: 'The vault refuses it.',
              next: 'Ask its owner.',
            };
      return [...before, answer, ...(await send(fence, steps.slice(at + 1), signal))];
    },
  };
}
