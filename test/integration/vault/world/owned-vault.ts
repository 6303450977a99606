/** What most tests of people begin with. */
import { onTestFinished } from 'vitest';
import { MovedClock, startTestVault, type TestVault, type TestVaultOptions } from '#test/builders/vault.ts';
import { owner, type Person } from './people.ts';

export interface OwnedVault {
  readonly clock: MovedClock;
  readonly vault: TestVault;
  /** The owner, signed in. */
  readonly boss: Person;
}

/** A vault on a clock that stands, with its owner signed in; stopped when the test ends. For `beforeEach`. */
export async function ownedVault(options: Omit<TestVaultOptions, 'clock'> = {}): Promise<OwnedVault> {
  const clock = new MovedClock();
  const vault = await startTestVault({ ...options, clock });
  onTestFinished(() => vault[Symbol.asyncDispose]());
  return { clock, vault, boss: await owner(vault) };
}
