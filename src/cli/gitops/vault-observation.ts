/** What a question starts from: the vault as it answers an automation identity, in one request. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import type { TraceAnswer, TraceRequest } from '#protocol/management.ts';
import type { Observation, Provider } from '#provider/provider.ts';
import { stopOnSignals } from '../terminal/interruption.ts';
import { type ProviderOptions, providerOf } from './vault-provider.ts';

export interface AskedVault {
  readonly address: Provider['address'];
  readonly observation: Observation;
  trace(request: TraceRequest): Promise<TraceAnswer>;
}

/**
 * Observes once, and lets go of the vault when `work` is done. `spec`: of the Organization that the vault is compared with;
 * null: of none. Throws what `providerOf` throws, and ProviderError.
 */
export async function withObservation<T>(
  options: ProviderOptions,
  spec: Spec<'Organization'> | null,
  work: (vault: AskedVault) => Promise<T>,
): Promise<T> {
  const provider = await providerOf(options, spec);
  const stop = stopOnSignals();
  const { signal } = stop;
  try {
    const observation = await provider.observe(null, signal);
    const { address } = provider;
    return await work({ address, observation, trace: (request) => provider.trace(request, signal) });
  } finally {
    stop.release();
    await provider.close();
  }
}
