/** Decides rail 10: when a process takes the lease. */
import type { Fence } from '#protocol/management.ts';
import { type Provider, ProviderError } from '#provider/provider.ts';

/**
 * The lease of one vault as this process knows it (rail 10). Kept between passes; the long poll renews it.
 * Taken only when there is something to write.
 */
export class VaultLease {
  readonly manager: string;
  readonly installation: string;
  #fence: Fence | null = null;
  #expiresAt = 0;

  constructor(manager: string, installation: string) {
    this.manager = manager;
    this.installation = installation;
  }

  /** What every write carries; null while the lease is not held as far as is known. */
  get fence(): Fence | null {
    return this.#fence;
  }

  /**
   * The fence, taken from the vault where there is none or it runs out within 5 s.
   * Throws ProviderError `ManagementConflict` while another manager holds it, `LeaseHeld` while another process
   * of this manager does, which is asked to yield.
   */
  async hold(provider: Provider, now: number, signal: AbortSignal): Promise<Fence> {
    if (this.#fence !== null && this.#expiresAt - now > 5_000) return this.#fence;
    const { manager, installation } = this;
    const held = this.#fence === null ? {} : { fencing: this.#fence.fencing };
    const answer = await provider.takeLease({ manager, installation, ...held }, signal);
    this.#fence = { manager, installation, fencing: answer.fencing };
    this.#expiresAt = answer.expiresAt;
    return this.#fence;
  }

  /** The same; null while another manager, or another process of this one, holds it. */
  async holdUnlessHeld(provider: Provider, now: number, signal: AbortSignal): Promise<Fence | null> {
    return this.hold(provider, now, signal).catch((error: unknown) => {
      if (isHeldByAnother(error)) return null;
      throw error;
    });
  }

  /** After a long poll that renewed it, or an observation that shows it. */
  renewed(expiresAt: number): void {
    if (this.#fence !== null) this.#expiresAt = Math.max(this.#expiresAt, expiresAt);
  }

  /** Somebody else holds it now. */
  lost(): void {
    this.#fence = null;
  }

  /** Gives it back, so that the next one need not wait for its expiry. Harmless when it is not held. */
  async release(provider: Provider, signal: AbortSignal): Promise<void> {
    const fence = this.#fence;
    if (fence === null) return;
    this.#fence = null;
    await provider.releaseLease(fence, signal);
  }
}

/** Whether taking the lease failed because another has it: another manager, or another process of this one. */
function isHeldByAnother(error: unknown): boolean {
  return (
    error instanceof ProviderError && (error.code === 'ManagementConflict' || error.code === 'LeaseHeld')
  );
}
