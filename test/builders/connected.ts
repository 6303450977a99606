/** The provider that the operator and the command line use, at a real vault. */
import type { Provider } from '#provider/provider.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import type { TestVault } from './vault.ts';

export interface Connected {
  readonly provider: Provider;
  /** `GET /snapshot 304`, in order. */
  readonly requests: string[];
}

export function connected(vault: TestVault): Connected {
  const requests: string[] = [];
  const provider = connect({
    address: { url: vault.url, vaultId: vault.vaultId },
    ca: null,
    automationId: vault.identity.id,
    privateKey: vault.identity.keys.privateKey,
    onRequest: (route, status) => requests.push(`${route} ${status}`),
    now: () => vault.clock.now(),
  });
  return { provider, requests };
}
