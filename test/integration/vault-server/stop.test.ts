import { describe, expect, it, vi } from 'vitest';
import { MovedClock, startTestVault } from '../../builders/vault.ts';

describe('a graceful stop', () => {
  it('ends long polls with an answer', async () => {
    const clock = new MovedClock();
    const vault = await startTestVault({ clock });
    const { manager, installation, fencing } = await vault.fence();
    const { revision } = await vault.snapshot();
    const expiry = async (): Promise<number> =>
      (await vault.context.reader.selectFrom('leases').select('expires_at').executeTakeFirstOrThrow())
        .expires_at;
    const before = await expiry();
    clock.advance(1000);
    const fence = new URLSearchParams({ manager, installation, fencing: String(fencing) });
    const polling = vault.changes(`since=${revision}&secretsSince=0&wait=30&${fence}`);
    // It renews the lease as it begins to wait.
    await vi.waitFor(async () => expect(await expiry()).toBeGreaterThan(before));
    await vault[Symbol.asyncDispose]();
    expect(await polling).toMatchObject({ revision, secrets: [] });
  });
});
