/**
 * The key of an installation of the operator. With it the operator recognizes what it wrote itself: a Secret
 * that anybody else made carries no seal that verifies.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a seal is for; one seal is never valid in place of another. */
export type SealPurpose = 'place' | 'content' | 'identity' | 'target-sources' | 'merged-keys';

const KEY_LENGTH = 32;

export type SealVerdict = 'valid' | 'invalid' | 'unknown-key';

export class InstallationKey {
  /** Names the key in seals, and the installation towards the vault. Not a secret. */
  readonly id: string;
  readonly #key: Buffer;

  /** @throws RangeError unless the key has 32 bytes. */
  constructor(id: string, key: Uint8Array) {
    if (key.length !== KEY_LENGTH) throw new RangeError('an installation key has 32 bytes');
    this.id = id;
    this.#key = Buffer.from(key);
  }

  static random(): InstallationKey {
    return new InstallationKey(randomBytes(8).toString('hex'), randomBytes(KEY_LENGTH));
  }

  /** The key in the clear, for the Secret of the installation. */
  reveal(): Buffer {
    return Buffer.from(this.#key);
  }

  /** `<key id>:<hex HMAC-SHA-256>` over the purpose and the parts, each with its length. */
  seal(purpose: SealPurpose, parts: readonly string[]): string {
    return `${this.id}:${this.#mac(purpose, parts).toString('hex')}`;
  }

  /** `unknown-key`: sealed by another installation, or before this one's key was lost. */
  verify(seal: string, purpose: SealPurpose, parts: readonly string[]): SealVerdict {
    const colon = seal.indexOf(':');
    if (colon < 0) return 'invalid';
    if (seal.slice(0, colon) !== this.id) return 'unknown-key';
    const given = Buffer.from(seal.slice(colon + 1), 'hex');
    const own = this.#mac(purpose, parts);
    return given.length === own.length && timingSafeEqual(given, own) ? 'valid' : 'invalid';
  }

  #mac(purpose: SealPurpose, parts: readonly string[]): Buffer {
    const mac = createHmac('sha256', this.#key);
    for (const part of [purpose, ...parts]) mac.update(`${Buffer.byteLength(part)}:${part},`);
    return mac.digest();
  }
}
