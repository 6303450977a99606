/**
 * A digest over a set of hashes, and the proof that one of them is in it: a Merkle tree. Whoever holds the digest, as an
 * approval does, can be shown each step by itself, without the others.
 */
import { hash } from 'node:crypto';

/** Sides and hashes of the siblings from the leaf up: `L` or `R`, and 64 hexadecimal digits. */
export type MembershipProof = readonly string[];

/** Siblings of a proof at most: sets of four thousand million. */
export const LONGEST_PROOF = 32;

export interface HashSet {
  /** Lower-case hex SHA-256; whatever the order of the hashes. */
  readonly digest: string;
  /** Sorted, each once. */
  readonly hashes: readonly string[];
  /** Throws RangeError for a hash that is not in the set. */
  proofOf(hash: string): MembershipProof;
}

/** The set of these hashes (lower-case hex SHA-256). */
export function hashSet(members: Iterable<string>): HashSet {
  const hashes = [...new Set(members)].sort();
  const levels = levelsOf(hashes.map(leafOf));
  const places = new Map(hashes.map((hash, place) => [hash, place]));
  return {
    digest: levels.at(-1)?.[0] ?? sha256('empty'),
    hashes,
    proofOf(hash) {
      const place = places.get(hash);
      if (place === undefined) throw new RangeError(`${hash} is not in the set`);
      return siblingsOf(levels, place);
    },
  };
}

/** Whether the hash is in the set of that digest. */
export function isMember(digest: string, hash: string, proof: MembershipProof): boolean {
  let node = leafOf(hash);
  for (const sibling of proof) {
    const other = sibling.slice(1);
    node = sibling.startsWith('L') ? nodeOf(other, node) : nodeOf(node, other);
  }
  return node === digest;
}

/** From the leaves to the root; one without a neighbour goes up as it is. */
function levelsOf(leaves: readonly string[]): readonly (readonly string[])[] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; ) {
    const above: string[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as string, level[at + 1]];
      above.push(right === undefined ? left : nodeOf(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

function siblingsOf(levels: readonly (readonly string[])[], place: number): MembershipProof {
  return levels.slice(0, -1).flatMap((level, height) => {
    const at = Math.floor(place / 2 ** height);
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
    if (sibling === undefined) return [];
    return [`${at % 2 === 0 ? 'R' : 'L'}${sibling}`];
  });
}

// Told apart, so that no inner node passes for a step.
function leafOf(hash: string): string {
  return sha256(`step ${hash}`);
}

function nodeOf(left: string, right: string): string {
  return sha256(`both ${left} ${right}`);
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
