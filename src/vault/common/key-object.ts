import { createPublicKey, type KeyObject } from 'node:crypto';
import { publicPem } from '#identity/key-pair.ts';

const keyObjects = new Map<string, KeyObject>();
const KEPT_KEYS = 50_000;

/** Making a key object costs a good part of a verification, and the same keys come again and again. */
export function keyObject(publicKey: string): KeyObject {
  const kept = keyObjects.get(publicKey);
  if (kept !== undefined) return kept;
  const made = createPublicKey(publicPem({ text: publicKey, fingerprint: '' }));
  if (keyObjects.size >= KEPT_KEYS) keyObjects.clear();
  keyObjects.set(publicKey, made);
  return made;
}
