/**
 * A head of the audit chain with the signature of the vault's key (A3). Pure.
 *
 * Decides A3: what the signature of a head is over.
 */
import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { type KeyPair, parsePublicKey, publicPem, signText } from '#identity/key-pair.ts';
import { canonicalJson } from '#model/digest.ts';

export const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const signedHead = z.strictObject({
  vaultId: z.string().min(1),
  epoch: z.string().min(1),
  /** Of the newest entry; 0 for a chain without one. */
  sequence: z.int().min(0),
  hash,
  /** When it was signed, in milliseconds since the epoch. */
  at: z.int(),
  /** Standard base64 of the raw Ed25519 key. */
  publicKey: z.string(),
  /** Standard base64, over `seneschal audit head:` and the canonical JSON (RFC 8785) of the other fields. */
  signature: z.string(),
});
export type SignedHead = z.infer<typeof signedHead>;

export function signHead(keys: KeyPair, head: Omit<SignedHead, 'publicKey' | 'signature'>): SignedHead {
  const signed = { ...head, publicKey: keys.publicKey.text };
  return { ...signed, signature: signText(keys.privateKey, payload(signed)) };
}

/** Whether the key that the head names signed it. Base64 that says the same bytes otherwise is none. */
export function isSigned({ signature, ...head }: SignedHead): boolean {
  const publicKey = parsePublicKey(head.publicKey);
  const bytes = Buffer.from(signature, 'base64');
  if (publicKey === undefined || bytes.toString('base64') !== signature) return false;
  return verify(null, Buffer.from(payload(head), 'utf8'), createPublicKey(publicPem(publicKey)), bytes);
}

function payload(head: Omit<SignedHead, 'signature'>): string {
  return `seneschal audit head:${canonicalJson(head)}`;
}
