/**
 * The nonces used that the store does not keep, for as long as their timestamps pass: of requests under way and of
 * those that were refused. Two generations: a nonce is looked up in
 * both, and the older is dropped whole, so that forgetting costs nothing a request.
 */
import { TIMESTAMP_TOLERANCE } from '#protocol/signing.ts';

/** A timestamp may be this far ahead and then passes until it is this far behind. */
const LIFE = 2 * TIMESTAMP_TOLERANCE * 1000;

export class Nonces {
  #young = new Set<string>();
  #old = new Set<string>();
  #turnedAt = Number.NEGATIVE_INFINITY;

  /** Records a nonce; false where it was used before. Call it only after the signature verified. */
  use(machineId: string, nonce: string, now: number): boolean {
    if (now - this.#turnedAt > LIFE) {
      this.#old = now - this.#turnedAt > 2 * LIFE ? new Set() : this.#young;
      this.#young = new Set();
      this.#turnedAt = now;
    }
    const used = nameOf(machineId, nonce);
    if (this.#young.has(used) || this.#old.has(used)) return false;
    this.#young.add(used);
    return true;
  }

  /** The store keeps it from now on: thousands a second, for ten minutes, are too many for the memory. */
  stored(machineId: string, nonce: string): void {
    const used = nameOf(machineId, nonce);
    if (!this.#young.delete(used)) this.#old.delete(used);
  }
}

function nameOf(machineId: string, nonce: string): string {
  return `${machineId} ${nonce}`;
}
