import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { StepAction } from './step.ts';

/** RFC 8785 canonical JSON: the same value, the same text, on every machine. Throws on what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** Lower-case hex SHA-256 of a text (UTF-8) or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Hash of one decision: vault id, kind, natural key, before, after (design §5). No provenance, UID or revision. */
export function stepHash(vaultId: string, action: StepAction): string {
  return sha256(canonicalJson(decision(vaultId, action)));
}

/** The plan digest: hash over the decisions, sorted, so that order does not matter. */
export function planDigest(vaultId: string, actions: readonly StepAction[]): string {
  const decisions = actions.map((action) => canonicalJson(decision(vaultId, action))).sort();
  return sha256(`[${decisions.join(',')}]`);
}

function decision(vaultId: string, { kind, key, before, after }: StepAction): object {
  return { vaultId, kind, key, before, after };
}
