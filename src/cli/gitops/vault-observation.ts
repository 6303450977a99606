/** What a question starts from: the vault as it answers an automation identity, in one request. */
import type { Observation, Provider } from '#provider/provider.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { finishingCalls, stopOnSignals } from '../terminal/interruption.ts';
import type { VaultOptions } from './vault-session.ts';

export interface AskedVault {
  readonly provider: Provider;
  readonly observation: Observation;
  readonly signal: AbortSignal;
}

/** Observes once, and lets go of the vault when `work` is done. Throws ProviderError. */
export async function withObservation<T>(
  options: Pick<VaultOptions, 'credentials' | 'connectTo'>,
  work: (vault: AskedVault) => Promise<T>,
): Promise<T> {
  const credentials = await credentialsOfFolder(options.credentials);
  const stop = stopOnSignals();
  const provider = finishingCalls(connect({ ...credentials, connectTo: options.connectTo }), stop.signal);
  try {
    const observation = await provider.observe(null, stop.signal);
    return await work({ provider, observation, signal: stop.signal });
  } finally {
    stop.release();
    await provider.close();
  }
}
