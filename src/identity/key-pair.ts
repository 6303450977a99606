/**
 * Ed25519 key pairs of machines (RFC 8032). The private half is a `KeyObject`, which prints nothing of
 * itself; it becomes text only on its way into a Secret.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';

/** The public half as the vault registers it. */
export interface PublicKey {
  /** Standard base64 of the raw 32 bytes (44 characters). */
  readonly text: string;
  /** Lower-case hex SHA-256 of the raw bytes. */
  readonly fingerprint: string;
}

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

/** DER of an Ed25519 SubjectPublicKeyInfo up to the raw key (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const RAW_LENGTH = 32;

export function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** The public half of a private or public Ed25519 key. Throws on a key of another type. */
export function publicKeyOf(key: KeyObject): PublicKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
  return { text: raw.toString('base64'), fingerprint: fingerprintOf(raw) };
}

/** Undefined unless the text is the standard base64 of 32 bytes. */
export function parsePublicKey(text: string): PublicKey | undefined {
  const raw = Buffer.from(text, 'base64');
  if (raw.length !== RAW_LENGTH || raw.toString('base64') !== text) return undefined;
  return { text, fingerprint: fingerprintOf(raw) };
}

/** PKCS#8 PEM, unencrypted: what SDKs read. A private key in the clear: its one place is a Secret. */
export function privatePem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** SubjectPublicKeyInfo PEM. */
export function publicPem(publicKey: PublicKey): string {
  const der = Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey.text, 'base64')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

/** Undefined where the text is no Ed25519 private key; an error of the parser might quote the text. */
export function parsePrivatePem(pem: string): KeyPair | undefined {
  try {
    const privateKey = createPrivateKey({ key: pem, format: 'pem' });
    return { privateKey, publicKey: publicKeyOf(privateKey) };
  } catch {
    return undefined;
  }
}

/** Standard base64 of the signature over the UTF-8 bytes of a text. */
export function signText(privateKey: KeyObject, text: string): string {
  return sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64');
}

function fingerprintOf(raw: Uint8Array): string {
  return createHash('sha256').update(raw).digest('hex');
}
