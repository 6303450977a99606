import { createCipheriv, createDecipheriv, createSecretKey, KeyObject, randomBytes } from 'node:crypto';

const IV = 12;
const TAG = 16;

/** AES-256-GCM with a fresh 12-byte IV (V5); answers base64 of IV, cipher text and tag. */
export function seal(key: Uint8Array | KeyObject, plain: Uint8Array, additionalData: string): string {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), iv, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(additionalData, 'utf8'));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** The opposite of `seal`. Throws where key, text or additional data are not those it was sealed with. */
export function open(key: Uint8Array | KeyObject, box: string, additionalData: string): Buffer {
  const bytes = Buffer.from(box, 'base64');
  if (bytes.length < IV + TAG) throw new Error('too short for a sealed box');
  const decipher = createDecipheriv('aes-256-gcm', keyObject(key), bytes.subarray(0, IV), {
    authTagLength: TAG,
  });
  decipher.setAAD(Buffer.from(additionalData, 'utf8'));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
  return Buffer.concat([decipher.update(bytes.subarray(IV, bytes.length - TAG)), decipher.final()]);
}

/** Node 24 finds out by an exception that bytes are no KeyObject, which costs nine times the decryption. */
function keyObject(key: Uint8Array | KeyObject): KeyObject {
  return key instanceof KeyObject ? key : createSecretKey(key);
}
