/**
 * Two Organizations with one vault. Decided from what is in the cluster, before anything is sent: a rival may name an
 * address that nobody trusts.
 *
 * Decides rail 10: which of two Organizations with one vault goes on.
 */
import type { VaultAddress } from '#model/vault-address.ts';
import type { Resource } from '../resources.ts';

export interface VaultClaim {
  /** `namespace/name` of the Organization. */
  readonly key: string;
  /** By its credentials; where these are not read yet, as it declares; null: nobody knows. */
  readonly vaultId: string | null;
  /** The vault that it was connected to, as its status says; null: none yet. */
  readonly connectedTo: string | null;
}

/**
 * The Organizations that keep one from going on; none: it goes on. Of those with one vault the one goes on that was
 * connected to it; where none was, or several were, none does. Ids are compared, because a vault may have several names.
 */
export function rivalsOf(own: VaultClaim, others: readonly VaultClaim[]): readonly string[] {
  const rivals = others.filter(({ key, vaultId }) => key !== own.key && vaultId === own.vaultId);
  if (own.vaultId === null || rivals.length === 0) return [];
  const connected = [own, ...rivals].filter(({ connectedTo }) => connectedTo === own.vaultId);
  const goesOn = connected.length === 1 && connected[0] === own;
  return goesOn ? [] : rivals.map(({ key }) => key).sort();
}

/** Where the vaults of Organizations are, by the credentials that this process read last. */
export class VaultAddresses {
  readonly #addresses = new Map<string, VaultAddress>();

  /** The ids of vaults that are claimed otherwise now: of that which it had and of that which it has. */
  set(organization: string, address: VaultAddress): readonly string[] {
    const before = this.#addresses.get(organization);
    this.#addresses.set(organization, address);
    if (before?.vaultId === address.vaultId) return [];
    return before === undefined ? [address.vaultId] : [before.vaultId, address.vaultId];
  }

  forget(organization: string): void {
    this.#addresses.delete(organization);
  }

  claimOf({ metadata, spec, status }: Resource<'Organization'>): VaultClaim {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    const { vault } = (status ?? {}) as { readonly vault?: VaultAddress };
    return {
      key,
      vaultId: this.#addresses.get(key)?.vaultId ?? spec.vault.seneschal.vaultId ?? null,
      connectedTo: vault?.vaultId ?? null,
    };
  }
}
