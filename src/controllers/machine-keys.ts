/**
 * Public halves of machine keys, handed from the binding pass (which makes and holds the keys) to the
 * organization pass (which registers them in bulk). In memory only: after a restart the binding pass offers
 * again what is staged or mounted in the cluster.
 */

import type { KeyEnd } from '#model/key-ends.ts';
import { sameValue } from '#model/same.ts';
import { isSameAddress, type VaultAddress } from '#model/vault-address.ts';

/** The public half of a key that is staged or mounted. */
export interface OfferedKey {
  /** Lower-case hex SHA-256 of the raw public key. */
  readonly fingerprint: string;
  /** Standard base64 of the raw 32 bytes. */
  readonly publicKey: string;
  /** The vault that it is for; a key is never offered to another. */
  readonly vault: VaultAddress;
  /** Rail 2: the signature over its rotation by a key that the vault accepts of the machine; absent: none is at hand. */
  readonly proof?: string | undefined;
  /** Keys of the machine that the cluster is done with: rotated, lost, or compromised; absent: none. */
  readonly ends?: readonly KeyEnd[] | undefined;
  /** Fingerprint of the key that is mounted and accepted, which it is to follow; absent: it is the mounted one, or none is. */
  readonly beside?: string | undefined;
}

/** Called with the binding whose key, or what vouches for it, is another one now. */
export type KeyListener = (namespace: string, name: string) => void;

export class MachineKeys {
  readonly #keys = new Map<string, OfferedKey>();
  readonly #listeners: KeyListener[] = [];

  /** Tells listeners only where fingerprint, vault, proof or ends are new. */
  offer(namespace: string, name: string, key: OfferedKey): void {
    const at = `${namespace}/${name}`;
    const known = this.#keys.get(at);
    const isKnown =
      known?.fingerprint === key.fingerprint &&
      known.proof === key.proof &&
      known.beside === key.beside &&
      sameValue(known.ends ?? [], key.ends ?? []);
    if (isKnown && isSameAddress(known.vault, key.vault)) return;
    this.#keys.set(at, key);
    for (const listener of this.#listeners) listener(namespace, name);
  }

  /** The key to register for a binding at that vault; null while there is none, or none is known yet. */
  keyOf(namespace: string, name: string, vault: VaultAddress): OfferedKey | null {
    const key = this.#keys.get(`${namespace}/${name}`);
    return key !== undefined && isSameAddress(key.vault, vault) ? key : null;
  }

  /** The binding is gone. Nobody is told: the deletion itself wakes the organization. */
  forget(namespace: string, name: string): void {
    this.#keys.delete(`${namespace}/${name}`);
  }

  onChange(listener: KeyListener): void {
    this.#listeners.push(listener);
  }
}
