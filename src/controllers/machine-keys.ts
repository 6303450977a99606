/**
 * Public halves of machine keys, handed from the binding pass (which makes and holds the keys) to the
 * organization pass (which registers them in bulk). In memory only: after a restart the binding pass offers
 * again what is staged or mounted in the cluster.
 */

/** The public half of a key that is staged or mounted. */
export interface OfferedKey {
  /** Lower-case hex SHA-256 of the raw public key. */
  readonly fingerprint: string;
  /** Standard base64 of the raw 32 bytes. */
  readonly publicKey: string;
}

/** Called with the binding whose key is another one now. */
export type KeyListener = (namespace: string, name: string) => void;

export class MachineKeys {
  readonly #keys = new Map<string, OfferedKey>();
  readonly #listeners: KeyListener[] = [];

  /** Tells listeners only where the fingerprint is new. */
  offer(namespace: string, name: string, key: OfferedKey): void {
    const at = `${namespace}/${name}`;
    if (this.#keys.get(at)?.fingerprint === key.fingerprint) return;
    this.#keys.set(at, key);
    for (const listener of this.#listeners) listener(namespace, name);
  }

  /** The key to register for a binding; null while there is none, or none is known yet. */
  keyOf(namespace: string, name: string): OfferedKey | null {
    return this.#keys.get(`${namespace}/${name}`) ?? null;
  }

  /** The binding is gone. Nobody is told: the deletion itself wakes the organization. */
  forget(namespace: string, name: string): void {
    this.#keys.delete(`${namespace}/${name}`);
  }

  onChange(listener: KeyListener): void {
    this.#listeners.push(listener);
  }
}
