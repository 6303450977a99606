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
 * The namespace whose Secrets say by themselves where an Organization was, given by `namespace/name`: its own. In another
 * one a tenant brings back what was sealed for a vault of theirs: there only the address in the status counts.
 */
export function namespaceOfSeals(organization: string): string {
  return refOf(organization).namespace ?? '';
}

/** A Secret of an Organization, with the address that its seal verifies for. */
export interface SealedSecret {
  /** Of one in another namespace than the Organization `namespace/name`. */
  readonly name: string;
  readonly vault: VaultAddress;
}

/** A namespace where Secrets of an Organization may be. */
export interface UnreadNamespace {
  /** Empty where it is not known yet which ones these are. */
  readonly namespace: string;
  /** `unknown`: they are being listed. */
  readonly because: 'unknown' | 'forbidden';
}

/** What the seals of an Organization's Secrets say beside the address of its credentials. */
export interface SealsSeen {
  /** In its namespace, those of other addresses. */
  readonly elsewhere: readonly SealedSecret[];
  /** Whether at least one in its namespace is of the address of the credentials. */
  readonly here: boolean;
  /** In other namespaces, those of the address in the status; not looked for where that is the one of the credentials. */
  readonly outside: readonly SealedSecret[];
  /** What nothing is said of. Other namespaces than its own are named only where they are looked at. */
  readonly unread: readonly UnreadNamespace[];
}

/** Reads the seals in the caches. */
export interface SealReader {
  /**
   * A seal counts for `here`, for `before` (of the status) or, in the Organization's namespace, for the address that the
   * Secret says; a Secret that is sealed for none of them is none of ours.
   */
  of(organization: string, here: VaultAddress, before: VaultAddress | null): SealsSeen;
  /** Called where Secrets are others now, or known at last; what it is given tells whether they are of an Organization. */
  onChange(listener: (isOf: (organization: string) => boolean) => void): void;
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
  /** By its status, which the operator alone writes: the address that was observed last; null: none yet. */
  readonly connectedTo: VaultAddress | null;
  readonly seals: SealsSeen;
}

/**
 * The move that nobody allowed; null: go on. An Organization without Secrets of another address needs no leave. Secrets of
 * other namespaces count where they are of the address that it was connected to: a tenant has none of that but by a binding
 * of theirs that the Organization took. One that is connected to this address, with a Secret of it, has moved already: a
 * Secret of before that came back, as from a backup, stops its own binding and not all of them. The status alone says
 * nothing, nor does a single Secret.
 */
export function moveNotAllowed(whereabouts: Whereabouts, allowed: readonly AllowedMove[]): Move | null {
  const { organization, address, connectedTo, seals } = whereabouts;
  if (isMoveAllowed(allowed, organization, address)) return null;
  const isLast = ({ vault }: SealedSecret): boolean =>
    connectedTo !== null && isSameAddress(vault, connectedTo);
  const outside = leavesItsVault(whereabouts) ? seals.outside.filter(isLast) : [];
  const isConnected = connectedTo !== null && isSameAddress(connectedTo, address);
  const inside = isConnected && seals.here ? [] : seals.elsewhere;
  const all = [...inside, ...outside];
  const from = all.find(isLast) ?? all[0];
  if (from === undefined) return null;
  return { from: from.vault, to: address, secrets: all.map(({ name }) => name).sort() };
}

/**
 * The namespace that has to be read before it can be told that there is no such move; null: none. Its own always; another
 * only where the Organization was connected to another address, and nobody allowed that it leaves that one.
 */
export function namespaceToRead(
  whereabouts: Whereabouts,
  allowed: readonly AllowedMove[],
): UnreadNamespace | null {
  const { organization, address, seals } = whereabouts;
  const own = namespaceOfSeals(organization);
  const others = leavesItsVault(whereabouts) && !isMoveAllowed(allowed, organization, address);
  const unread = seals.unread.filter(({ namespace }) => others || namespace === own);
  // Somebody has to do something about it; what is being listed ends by itself.
  return unread.find(({ because }) => because === 'forbidden') ?? unread[0] ?? null;
}

function leavesItsVault({ address, connectedTo }: Whereabouts): boolean {
  return connectedTo !== null && !isSameAddress(connectedTo, address);
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

/** What is told where the Secrets of another namespace may not be read. `enable`: the command that lets them be read. */
export function unreadText(
  { organization, address, connectedTo }: Whereabouts,
  namespace: string,
  enable: string,
): string {
  const before = connectedTo === null ? 'another vault' : placeText(connectedTo);
  return (
    `The credentials lead to ${placeText(address)}, and this Organization was connected to ${before}. A binding of ` +
    `namespace ${namespace} names it, and whether a Secret there is of the vault before is not known, because the operator ` +
    `may not read Secrets there. Nothing was sent. Enable it: ${enable}; or, if the vault moved, have whoever runs the ` +
    `operator start it with ${allowMoveFlag(organization, address)} (allowMoves of the chart).`
  );
}

/** The option that allows this vault, and no other at its address. */
export function allowMoveFlag(organization: string, { url, vaultId }: VaultAddress): string {
  return `--allow-move ${organization}=${url}/${vaultId}`;
}

function placeText({ url, vaultId }: VaultAddress): string {
  return `${vaultId} at ${url}`;
}
