/**
 * The audit chain of a vault (A3). Pure.
 *
 * Decides A3: how each entry is chained to the one before.
 */
import { canonicalJson, sha256 } from '#model/digest.ts';
import type { Json } from '#model/record.ts';

/** One entry as its digest is taken. `sequence` grows by one a vault, from 1. */
export interface AuditEntry {
  readonly id: string;
  readonly vaultId: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: { readonly type: string; readonly id: string | null; readonly name: string };
  readonly action: string;
  readonly subject: { readonly kind: string; readonly key: string };
  readonly details: { readonly [key: string]: Json };
  /** A4: what Git tooling claims. */
  readonly provenance: { readonly [key: string]: Json };
}

export interface ChainLink {
  /** The canonical JSON (RFC 8785) of the entry: the bytes that the digest is over. */
  readonly entry: string;
  readonly digest: string;
  readonly hash: string;
}

/** The hash before the first entry of a vault. */
export function genesis(vaultId: string): string {
  return sha256(`seneschal audit chain:${vaultId}`);
}

/** hash(n) = sha256(hash(n-1) + digest(n)), texts in lower-case hex. */
export function chained(hashBefore: string, digest: string): string {
  return sha256(hashBefore + digest);
}

/** The link of an entry to the chain that ends in `hashBefore`. */
export function link(hashBefore: string, entry: AuditEntry): ChainLink {
  const text = canonicalJson(entry);
  const digest = sha256(text);
  return { entry: text, digest, hash: chained(hashBefore, digest) };
}

export type ChainVerdict =
  | { readonly intact: true; readonly hash: string; readonly sequence: number }
  /** `sequence` is of the first entry that does not fit. */
  | { readonly intact: false; readonly sequence: number; readonly reason: ChainFault };
export type ChainFault = 'EntryChanged' | 'NotCanonical' | 'SequenceBroken' | 'HashBroken' | 'OtherVault';

/**
 * Whether the links follow on `from` without an entry changed, left out, added or moved. That the end is
 * missing shows only against a head kept elsewhere (A3).
 */
export function verifyChain(
  vaultId: string,
  links: readonly ChainLink[],
  from: { readonly sequence: number; readonly hash: string } = { sequence: 0, hash: genesis(vaultId) },
): ChainVerdict {
  let { sequence, hash } = from;
  for (const { entry, digest, hash: claimed } of links) {
    sequence += 1;
    const fault =
      faultOf(vaultId, sequence, entry, digest) ?? (chained(hash, digest) === claimed ? null : 'HashBroken');
    if (fault !== null) return { intact: false, sequence, reason: fault };
    hash = claimed;
  }
  return { intact: true, hash, sequence };
}

function faultOf(vaultId: string, sequence: number, text: string, digest: string): ChainFault | null {
  if (sha256(text) !== digest) return 'EntryChanged';
  const entry = parsed(text);
  if (entry === null) return 'NotCanonical';
  if (entry.sequence !== sequence) return 'SequenceBroken';
  if (entry.vaultId !== vaultId) return 'OtherVault';
  return null;
}

/** Null unless the text is the canonical JSON of an object; some JSON has none (1e999). */
function parsed(text: string): { readonly sequence?: unknown; readonly vaultId?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && canonicalJson(value) === text ? value : null;
  } catch {
    return null;
  }
}

/** A3: whether `digests` lead from the hash `from` to the hash `to`. */
export function leadsTo(from: string, digests: readonly string[], to: string): boolean {
  return digests.reduce(chained, from) === to;
}
