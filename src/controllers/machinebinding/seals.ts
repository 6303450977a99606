/**
 * Seals: what only this installation can have written of a Secret, and for which place. Every seal is over the whole
 * place, so that a copy under another name, in another namespace or for another vault carries none that verifies.
 * Decides rail 11: whether a Secret is the one that this operator wrote there.
 */
import type { InstallationKey, SealPurpose, SealVerdict } from '#identity/installation-key.ts';
import type { VaultAddress } from '#model/vault-address.ts';

/**
 * `identity` is what pods mount; `staging` holds a key that is not registered yet, or not mounted yet. `merged`: a Secret of
 * others with keys of a target in it.
 */
export type SecretRole = 'identity' | 'staging' | 'target' | 'merged';

/** A Secret's place: what its seals are over. No UID: a backup brings Secret and binding back with other ones. */
export interface SealedPlace {
  /** Of the Secret and its binding. */
  readonly namespace: string;
  readonly secretName: string;
  readonly role: SecretRole;
  readonly bindingName: string;
  readonly machineName: string;
  readonly vault: VaultAddress;
  /** Standard base64 of the raw public key; null for a Secret that holds none. */
  readonly publicKey: string | null;
}

/** Makes and verifies the seals of Secrets; the pass over a binding has no other way to. */
export class Seals {
  readonly #installation: InstallationKey;

  constructor(installation: InstallationKey) {
    this.#installation = installation;
  }

  /** `says`: what is sealed beside the place; the same facts have to give the same text. */
  make(purpose: SealPurpose, place: SealedPlace, says = ''): string {
    return this.#installation.seal(purpose, partsOf(place, says));
  }

  /** Without a seal it is not known who wrote it, as with the seal of another installation. */
  verify(seal: string | undefined, purpose: SealPurpose, place: SealedPlace, says = ''): SealVerdict {
    return seal === undefined
      ? 'unknown-key'
      : this.#installation.verify(seal, purpose, partsOf(place, says));
  }
}

/** The one list of what a seal is over. */
function partsOf(place: SealedPlace, says: string): string[] {
  const { namespace, secretName, role, bindingName, machineName, vault, publicKey } = place;
  return [
    namespace,
    secretName,
    role,
    bindingName,
    machineName,
    vault.url,
    vault.vaultId,
    publicKey ?? '',
    says,
  ];
}

/** What a seal says of the name of an immutable Secret: the same content, the same name. */
export function nameOfContent(seal: string): string {
  return seal.slice(seal.indexOf(':') + 1).slice(0, 10);
}

/** What a content seal says; `data` as the API server holds it. */
export function contentText(data: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
}
