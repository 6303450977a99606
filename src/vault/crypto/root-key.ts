/** Decides V5: the key above all keys. */
import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

/** The key above all keys (V5): 32 bytes that are never in the database and never printed. */
export class RootKey {
  readonly #key: KeyObject;
  /** Tells root keys apart without giving anything of them away. */
  readonly id: string;

  /** Throws TypeError unless there are exactly 32 bytes. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== 32) throw new TypeError('a root key has exactly 32 bytes');
    this.#key = createSecretKey(bytes);
    this.id = createHash('sha256').update('seneschal root key id\0').update(bytes).digest('hex').slice(0, 16);
  }

  /** From 44 characters of standard base64, surrounding white space allowed. Throws TypeError on anything else. */
  static parse(text: string): RootKey {
    const trimmed = text.trim();
    const bytes = Buffer.from(trimmed, 'base64');
    if (bytes.toString('base64') !== trimmed)
      throw new TypeError('a root key is 32 bytes in standard base64');
    return new RootKey(bytes);
  }

  key(): KeyObject {
    return this.#key;
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
