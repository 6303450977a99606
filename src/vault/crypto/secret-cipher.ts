/**
 * Envelope encryption (V5): each version of a secret has a data key of its own (additional data: the secret's
 * id), wrapped by the project's key, wrapped by the root key. Without the root key the server is sealed.
 *
 * Decides V5: how values and keys are wrapped.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SecretValue } from '#model/secret-value.ts';
import type { RootKey } from './root-key.ts';
import { open, seal } from './sealed-box.ts';

/** A key that the root key wraps, as it is stored: of a project, or of a vault's audit log. */
export interface WrappedKey {
  readonly wrapped_key: string;
  readonly root_key_id: string;
}

/** A version's data key and cipher text as they are stored. */
export interface SealedValue {
  readonly wrapped_key: string;
  readonly sealed: string;
}

/** The root key is absent, or is another than the one that wrapped the project's key. */
export class SealedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealedError';
  }
}

/** Opened keys that are kept: reads come to the same projects all the time, and each would open the key again. */
const KEPT_KEYS = 2_000;

export class SecretCipher {
  #root: RootKey | null = null;
  #held: ReadonlyMap<string, RootKey> = new Map();
  /** Keys of projects by how they are wrapped and whose they are; gone with the root keys that opened them. */
  readonly #opened = new Map<string, KeyObject>();

  /** `previous`: root keys that only open what was wrapped before the root key was changed. */
  constructor(root: RootKey | null, previous: readonly RootKey[] = []) {
    this.holdKeys(root, previous);
  }

  /** These and no others from now on. */
  holdKeys(root: RootKey | null, previous: readonly RootKey[]): void {
    this.#root = root;
    this.#opened.clear();
    this.#held = new Map(root === null ? [] : [...previous, root].map((key) => [key.id, key]));
  }

  /** Id of the key that wraps; null: sealed. */
  get rootKeyId(): string | null {
    return this.#root?.id ?? null;
  }

  /** Ids of all keys that open. */
  get heldKeyIds(): readonly string[] {
    return [...this.#held.keys()];
  }

  get isSealed(): boolean {
    return this.#root === null;
  }

  /** A new key for a project. Throws SealedError. */
  newProjectKey(projectId: string): WrappedKey {
    return this.wrap(randomBytes(32), projectId);
  }

  /** Bytes wrapped by the root key; `owner` says whose they are, and they open for no other. Throws SealedError. */
  wrap(bytes: Uint8Array, owner: string): WrappedKey {
    const root = this.#present();
    return { wrapped_key: seal(root.key(), bytes, owner), root_key_id: root.id };
  }

  /** The opposite of `wrap`. Throws SealedError; throws Error where the row was moved or changed. */
  unwrap(key: WrappedKey, owner: string): Buffer {
    this.#present();
    const root = this.#held.get(key.root_key_id);
    if (root === undefined) {
      throw new SealedError('The root key is not the one that the values were wrapped by.');
    }
    return open(root.key(), key.wrapped_key, owner);
  }

  /** The same key under the root key that wraps now. Throws as `unwrap` does. */
  rewrap(key: WrappedKey, owner: string): WrappedKey {
    return this.wrap(this.unwrap(key, owner), owner);
  }

  /**
   * Another key for a project (O5). `rewrapped` gives a data key of the old one, of the secret named, as it is wrapped by
   * the new one. Throws SealedError; throws Error where a row was moved or changed.
   */
  replaceProjectKey(
    projectId: string,
    old: WrappedKey,
  ): { readonly key: WrappedKey; readonly rewrapped: (wrapped: string, secretId: string) => string } {
    const before = this.unwrap(old, projectId);
    const after = randomBytes(32);
    return {
      key: this.wrap(after, projectId),
      rewrapped: (wrapped, secretId) => seal(after, open(before, wrapped, secretId), secretId),
    };
  }

  /** Encrypts one version of a secret under a data key of its own. Throws SealedError. */
  encrypt(projectId: string, key: WrappedKey, secretId: string, value: SecretValue): SealedValue {
    const projectKey = this.unwrap(key, projectId);
    const dataKey = randomBytes(32);
    return {
      wrapped_key: seal(projectKey, dataKey, secretId),
      sealed: seal(dataKey, Buffer.from(value.reveal(), 'utf8'), secretId),
    };
  }

  /** Throws SealedError; throws Error where the row was moved to another secret or changed. */
  decrypt(projectId: string, key: WrappedKey, secretId: string, box: SealedValue): SecretValue {
    const dataKey = open(this.#projectKey(key, projectId), box.wrapped_key, secretId);
    return new SecretValue(open(dataKey, box.sealed, secretId).toString('utf8'));
  }

  #projectKey(key: WrappedKey, projectId: string): KeyObject {
    this.#present();
    const name = `${key.root_key_id} ${projectId} ${key.wrapped_key}`;
    const kept = this.#opened.get(name);
    if (kept !== undefined) return kept;
    const opened = createSecretKey(this.unwrap(key, projectId));
    if (this.#opened.size >= KEPT_KEYS) this.#opened.clear();
    this.#opened.set(name, opened);
    return opened;
  }

  #present(): RootKey {
    if (this.#root === null) throw new SealedError('The vault server has no root key.');
    return this.#root;
  }
}
