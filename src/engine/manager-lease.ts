/** Decides rail 10: when a process takes the lease. */
import type { LeaseClaimant } from '#model/lease-standing.ts';
import type { LeaseHolder, LeaseState } from '#model/organization.ts';
import type { Fence } from '#protocol/management.ts';
import { type Provider, ProviderError } from '#provider/provider.ts';

/** It is renewed before it runs out: what is under way may take so long (milliseconds). */
const MARGIN_MS = 5_000;

/**
 * The lease of one vault as this process knows it (rail 10). Kept between passes; the long poll renews it.
 * Taken only when there is something to write. How long it holds is counted by this process's own clock, which may be
 * another than the vault's.
 */
export class VaultLease implements LeaseClaimant {
  readonly manager: string;
  readonly installation: string;
  readonly holder: LeaseHolder;
  #fence: Fence | null = null;
  #until = 0;
  /** The last that was lent. */
  #lent: Fence | null = null;

  constructor(manager: string, installation: string, holder: LeaseHolder) {
    this.manager = manager;
    this.installation = installation;
    this.holder = holder;
  }

  /** What every write carries; null while the lease is not held as far as is known. */
  get fence(): Fence | null {
    return this.#fence;
  }

  /**
   * The fence, taken from the vault where there is none or it runs out within 5 s. `now`: before it is asked for.
   * Throws ProviderError `ManagementConflict` while it is another's, `LeaseHeld` while another process of this manager
   * has it, which is asked to yield.
   */
  async hold(provider: Provider, now: number, signal: AbortSignal): Promise<Fence> {
    if (this.#fence !== null && this.#until - now > MARGIN_MS) return this.#fence;
    const { manager, installation, holder } = this;
    const held = this.#fence === null ? {} : { fencing: this.#fence.fencing };
    const answer = await provider.takeLease({ manager, installation, holder, ...held }, signal);
    this.#fence = { manager, installation, fencing: answer.fencing };
    this.#until = now + answer.holdsFor;
    this.#lent = null;
    return this.#fence;
  }

  /** The same; null while another manager, or another process of this one, holds it. */
  async holdUnlessHeld(provider: Provider, now: number, signal: AbortSignal): Promise<Fence | null> {
    return this.hold(provider, now, signal).catch((error: unknown) => {
      if (isHeldByAnother(error)) return null;
      throw error;
    });
  }

  /** What an observation, or a long poll that renewed it, shows of the lease. */
  seen(lease: LeaseState | null, now: number): void {
    const isOurs = lease !== null && lease.holdsFor > 0 && lease.fencing === this.#fence?.fencing;
    if (isOurs) this.#until = now + lease.holdsFor;
    else this.lost();
  }

  /** Somebody else holds it now. */
  lost(): void {
    this.#fence = null;
  }

  /** Makes room for the command line that asked, and has it back after it. */
  async lend(provider: Provider, signal: AbortSignal): Promise<void> {
    const fence = this.#fence;
    if (fence === null) return;
    this.#fence = null;
    this.#lent = fence;
    await provider.releaseLease({ ...fence, lends: true }, signal);
  }

  /** Gives it back, lent or not, so that whoever is next need not wait. Harmless when it is not held. */
  async release(provider: Provider, signal: AbortSignal): Promise<void> {
    const fence = this.#fence ?? this.#lent;
    if (fence === null) return;
    this.#fence = null;
    this.#lent = null;
    await provider.releaseLease(fence, signal);
  }

  /**
   * Gives back what this installation holds by the name of another manager: a process before this one had it, and the
   * name changed since. False: it holds none, or the identity does not act for that manager.
   */
  async releaseFormer(provider: Provider, lease: LeaseState | null, signal: AbortSignal): Promise<boolean> {
    if (lease === null || lease.installation !== this.installation || lease.manager === this.manager)
      return false;
    const { manager, installation, fencing } = lease;
    try {
      await provider.releaseLease({ manager, installation, fencing }, signal);
      return true;
    } catch (error) {
      if (error instanceof ProviderError && error.code === 'Forbidden') return false;
      throw error;
    }
  }
}

/** Whether taking the lease failed because another has it: another manager, or another process of this one. */
function isHeldByAnother(error: unknown): boolean {
  return (
    error instanceof ProviderError && (error.code === 'ManagementConflict' || error.code === 'LeaseHeld')
  );
}
