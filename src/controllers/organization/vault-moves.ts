/**
 * A vault that is elsewhere than the Secrets of its Organization say. Whoever writes credentials may name an address that
 * nobody trusts, and nobody there can be asked to approve it: so a move is allowed by whoever runs the operator, and is
 * decided from the caches, before anything is sent.
 *
 * Decides V4: which address credentials may lead an Organization to that has Secrets of another.
 */
import { refOf } from '#kube/kube.ts';
import { isSameAddress, isVaultUrl, VAULT_ID, type VaultAddress } from '#model/vault-address.ts';
import { audienceOf } from '#protocol/audience.ts';

/** One `--allow-move`. */
export interface AllowedMove {
  /** `namespace/name`. */
  readonly organization: string;
  /** As credentials have it. */
  readonly url: string;
  /** Null: any vault there, for a server whose accounts make none by themselves. */
  readonly vaultId: string | null;
}

/**
 * The namespace whose Secrets say where an Organization was, given by `namespace/name`: its own. In another one a tenant
 * brings back what was sealed for a vault of theirs, for it or against it; what stands there is left to its own binding.
 */
export function namespaceOfSeals(organization: string): string {
  return refOf(organization).namespace ?? '';
}

/** A Secret of an Organization, with the address that its seal verifies for. */
export interface SealedSecret {
  readonly name: string;
  readonly vault: VaultAddress;
}

/** What the seals of an Organization's Secrets say beside the address of its credentials. */
export interface SealsSeen {
  /** Those of other addresses. */
  readonly elsewhere: readonly SealedSecret[];
  /** Whether at least one is of the address of the credentials. */
  readonly here: boolean;
}

/** Reads the seals in the caches. */
export interface SealReader {
  /**
   * `unknown`: they are being listed; `forbidden`: they may not be. A seal counts for `here`, for `before` or for the
   * address that the Secret says; a Secret that is sealed for none of them is none of ours.
   */
  of(
    organization: string,
    here: VaultAddress,
    before: VaultAddress | null,
  ): SealsSeen | 'unknown' | 'forbidden';
  /** Called with a namespace whose Secrets are others now, or known at last. */
  onChange(listener: (namespace: string) => void): void;
}

export interface Move {
  readonly from: VaultAddress;
  readonly to: VaultAddress;
  /** Names of Secrets that are of another address, sorted. */
  readonly secrets: readonly string[];
}

export interface Whereabouts {
  /** `namespace/name`. */
  readonly organization: string;
  /** By its credentials. */
  readonly address: VaultAddress;
  /** By its status: the address that was observed last; null: none yet. */
  readonly connectedTo: VaultAddress | null;
  readonly seals: SealsSeen;
}

/**
 * The move that nobody allowed; null: go on. An Organization without Secrets of another address needs no leave. One that
 * is connected to this address, with a Secret of it, has moved already: a Secret of before that came back, as from a
 * backup, stops its own binding and not all of them. The status alone says nothing, nor does a single Secret.
 */
export function moveNotAllowed(
  { organization, address, connectedTo, seals }: Whereabouts,
  allowed: readonly AllowedMove[],
): Move | null {
  const { elsewhere } = seals;
  const [first] = elsewhere;
  if (first === undefined || isMoveAllowed(allowed, organization, address)) return null;
  const isConnected = connectedTo !== null && isSameAddress(connectedTo, address);
  if (isConnected && seals.here) return null;
  const last = elsewhere.find(({ vault }) => connectedTo !== null && isSameAddress(vault, connectedTo));
  return {
    from: (last ?? first).vault,
    to: address,
    secrets: elsewhere.map(({ name }) => name).sort(),
  };
}

export function isMoveAllowed(
  allowed: readonly AllowedMove[],
  organization: string,
  { url, vaultId }: VaultAddress,
): boolean {
  return allowed.some(
    (move) =>
      move.organization === organization &&
      move.url === url &&
      (move.vaultId === null || move.vaultId === vaultId),
  );
}

/** `acme/acme=https://vault.acme.example/vault_0123456789abcdef`, or without the vault; null where it is none. */
export function allowedMoveOf(text: string): AllowedMove | null {
  const [, organization = '', place = ''] = /^([a-z0-9.-]+\/[a-z0-9.-]+)=(.+)$/.exec(text) ?? [];
  const [, url = '', vaultId = null] = /^([a-z]+:\/\/[^/]+)(?:\/([^/]+))?$/.exec(place) ?? [];
  if (organization === '' || !isVaultUrl(url) || (vaultId !== null && !VAULT_ID.test(vaultId))) return null;
  return { organization, url: audienceOf(url), vaultId };
}

/** What is told of a move that nobody allowed: from where to where, and what allows it. */
export function moveText(organization: string, { from, to, secrets }: Move): string {
  const named = secrets.slice(0, 3).join(', ');
  const rest = secrets.length > 3 ? ` and ${secrets.length - 3} more` : '';
  return (
    `The credentials lead to ${placeText(to)}, and ${secrets.length === 1 ? 'a Secret' : 'Secrets'} of this ` +
    `Organization (${named}${rest}) to ${placeText(from)}. Nothing was sent there, and no Secret is changed. ` +
    `If the vault moved, whoever runs the operator starts it with ${allowMoveFlag(organization, to)} ` +
    '(allowMoves of the chart); else give the credentials of the vault before.'
  );
}

/** The option that allows this vault, and no other at its address. */
export function allowMoveFlag(organization: string, { url, vaultId }: VaultAddress): string {
  return `--allow-move ${organization}=${url}/${vaultId}`;
}

function placeText({ url, vaultId }: VaultAddress): string {
  return `${vaultId} at ${url}`;
}
