/** A vault whose log is kept, every line of every level, and that believes the proxy on loopback. */

import { type MovedClock, ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { startVaultServer } from '#vault/app/server.ts';
import { AddressList } from '#vault/common/addresses.ts';
import type { ServerLog } from '#vault/common/server-log.ts';
import { DIRECT, type Network } from '#vault/http/network.ts';

const NETWORK: Network = { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) };

/** `said` gets each line; the test vault's own `faults` stay empty, they are told to `failed`. */
export async function startLoudVault(
  clock: MovedClock,
  said: (line: string) => void,
  failed: (fault: object) => void,
): Promise<TestVault> {
  const vault = await startTestVault({ clock, network: NETWORK });
  await vault.server.stop();
  const line = (fields: object, message: string): void => said(JSON.stringify({ ...fields, message }));
  const log: ServerLog = {
    debug: line,
    info: line,
    warn: line,
    error: (fields, message) => {
      line(fields, message);
      failed(fields);
    },
  };
  vault.server = await startVaultServer({
    database: vault.database.name,
    rootKey: ROOT_KEY,
    host: '127.0.0.1',
    port: 0,
    network: NETWORK,
    takesLoopback: true,
    outgoing: vault.context.outgoing,
    log,
    clock,
  });
  return vault;
}
