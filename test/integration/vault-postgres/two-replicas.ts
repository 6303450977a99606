/** Two servers over one PostgreSQL. */

import { startTestVault, type TestVault, type TestVaultOptions } from '#test/builders/vault.ts';
import type { VaultServer } from '#vault/app/server.ts';
import { DIRECT } from '#vault/http/network.ts';

export interface TwoReplicas extends AsyncDisposable {
  /** The vault asked through the one and through the other. */
  readonly first: TestVault;
  readonly second: TestVault;
  readonly both: readonly [TestVault, TestVault];
}

export async function startTwoReplicas(options: TestVaultOptions = {}): Promise<TwoReplicas> {
  const network = { ...DIRECT, ...options.network, audiences: new Set(['https://vault.test']) };
  const first = await startTestVault({ ...options, network });
  const server: VaultServer = await first.replica();
  const second = first.through(server);
  return {
    first,
    second,
    both: [first, second],
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await first[Symbol.asyncDispose]();
    },
  };
}

/** How often each answer came, by its text. */
export function tally(answers: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
