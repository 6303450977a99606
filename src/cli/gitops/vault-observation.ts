/** What a question starts from: the vault as it answers an automation identity, in one request. */
import type { TraceAnswer, TraceRequest } from '#protocol/management.ts';
import type { Observation, Provider } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { stopOnSignals } from '../terminal/interruption.ts';
import type { VaultOptions } from './vault-session.ts';

export interface AskedVault {
  readonly address: Provider['address'];
  readonly observation: Observation;
  trace(request: TraceRequest): Promise<TraceAnswer>;
}

/** Observes once, and lets go of the vault when `work` is done. Throws ProviderError. */
export async function withObservation<T>(
  options: Pick<VaultOptions, 'credentials' | 'connectTo'>,
  work: (vault: AskedVault) => Promise<T>,
): Promise<T> {
  const credentials = await credentialsOfFolder(options.credentials);
  const stop = stopOnSignals();
  const provider = connect({ ...credentials, connectTo: options.connectTo });
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
