/**
 * Envelope encryption (V5): each version of a secret has a data key of its own (additional data: the secret's
 * id), wrapped by the project's key, wrapped by the root key. Without the root key the server is sealed.
 */
import { randomBytes } from 'node:crypto';
import { SecretValue } from '../../model/secret-value.ts';
import type { RootKey } from './root-key.ts';
import { open, seal } from './sealed-box.ts';

/** A project's key as it is stored. */
export interface WrappedProjectKey {
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

export class SecretCipher {
  readonly #root: RootKey | null;

  constructor(root: RootKey | null) {
    this.#root = root;
  }

  get isSealed(): boolean {
    return this.#root === null;
  }

  /** A new key for a project. Throws SealedError. */
  newProjectKey(projectId: string): WrappedProjectKey {
    const root = this.#present();
    return { wrapped_key: seal(root.key(), randomBytes(32), projectId), root_key_id: root.id };
  }

  /** Encrypts one version of a secret under a data key of its own. Throws SealedError. */
  encrypt(projectId: string, key: WrappedProjectKey, secretId: string, value: SecretValue): SealedValue {
    const projectKey = this.#projectKey(projectId, key);
    const dataKey = randomBytes(32);
    return {
      wrapped_key: seal(projectKey, dataKey, secretId),
      sealed: seal(dataKey, Buffer.from(value.reveal(), 'utf8'), secretId),
    };
  }

  /** Throws SealedError; throws Error where the row was moved to another secret or changed. */
  decrypt(projectId: string, key: WrappedProjectKey, secretId: string, box: SealedValue): SecretValue {
    const dataKey = open(this.#projectKey(projectId, key), box.wrapped_key, secretId);
    return new SecretValue(open(dataKey, box.sealed, secretId).toString('utf8'));
  }

  #projectKey(projectId: string, key: WrappedProjectKey): Uint8Array {
    const root = this.#present();
    if (root.id !== key.root_key_id) {
      throw new SealedError('The root key is not the one that the values were wrapped by.');
    }
    return open(root.key(), key.wrapped_key, projectId);
  }

  #present(): RootKey {
    if (this.#root === null) throw new SealedError('The vault server has no root key.');
    return this.#root;
  }
}
