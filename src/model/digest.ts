import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { hashSet } from './membership.ts';
import type { StepAction } from './step.ts';

/** A text that holds half of a surrogate pair: UTF-8 cannot say it, so nothing signs or stores it. */
export class UnpairedSurrogateError extends TypeError {
  constructor() {
    super('a text contains half of a surrogate pair');
    this.name = 'UnpairedSurrogateError';
  }
}

/**
 * RFC 8785 canonical JSON: the same value, the same text, on every machine. Throws on what JSON cannot say, and
 * UnpairedSurrogateError.
 */
export function canonicalJson(value: unknown): string {
  const text = canonical(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

function canonical(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch (error) {
    // The words of canonicalize 4; it has no class for it.
    if (error instanceof Error && error.message.startsWith('Lone surrogate'))
      throw new UnpairedSurrogateError();
    throw error;
  }
}

/** Lower-case hex SHA-256 of a text (UTF-8) or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Hash of one decision: vault id, kind, natural key, before, after (design §5). No provenance, UID or revision. */
export function stepHash(vaultId: string, action: StepAction): string {
  return sha256(canonicalJson(decision(vaultId, action)));
}

/** The plan digest: over the set of the decisions, so that order does not matter, and each is proven by itself. */
export function planDigest(vaultId: string, actions: readonly StepAction[]): string {
  return hashSet(actions.map((action) => stepHash(vaultId, action))).digest;
}

function decision(vaultId: string, { kind, key, before, after }: StepAction): object {
  return { vaultId, kind, key, before, after };
}
