/**
 * What is signed (sikkerkey-machine-plane "Signature"; design §7). The server rebuilds the line from the
 * bytes that it received, so both sides share this file.
 *
 * Decides V4: what the line of an automation identity is over.
 * Decides V9: what the proof of a machine is over.
 * Decides rail 2: what the proof of a rotation is over.
 */
import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '#model/digest.ts';

export const HEADERS = {
  machine: 'x-machine-id',
  automation: 'x-automation-id',
  /** The audience that an automation identity signs for (audience.ts). */
  audience: 'x-audience',
  timestamp: 'x-timestamp',
  nonce: 'x-nonce',
  signature: 'x-signature',
} as const;

/** How far a timestamp may be from the server's clock, in seconds. */
export const TIMESTAMP_TOLERANCE = 300;

/** Lower-case hex SHA-256 of the exact bytes of a body; of nothing for an empty one. */
export function bodyHash(body: Uint8Array | string | undefined): string {
  return body === undefined || body.length === 0 ? HASH_OF_NOTHING : hexHash(body);
}

const HASH_OF_NOTHING = hexHash('');

function hexHash(body: Uint8Array | string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** `Content-Digest` of a body by its hash (RFC 9530): lets the server check the signature before it reads the body. */
export function contentDigest(hash: string): string {
  return `sha-256=:${Buffer.from(hash, 'hex').toString('base64')}:`;
}

/** The hash that a `Content-Digest` names, in lower-case hex; null where it names no SHA-256. */
export function sha256Digest(header: string | undefined): string | null {
  const text = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? '')?.[1];
  return text === undefined ? null : Buffer.from(text, 'base64').toString('hex');
}

export interface SignedRequest {
  readonly method: string;
  /** The raw request target as sent: percent-encoding kept, the query included (management plane only). */
  readonly target: string;
  /** Unix seconds, decimal. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly bodyHash: string;
}

/** The line a machine signs. */
export function machinePayload(request: SignedRequest): string {
  return `${request.method}:${request.target}:${request.timestamp}:${request.nonce}:${request.bodyHash}`;
}

/** The headers of the management plane that are signed with the request, absent ones left out. */
export interface SignedHeaders {
  readonly 'idempotency-key'?: string | undefined;
  readonly 'if-match'?: string | undefined;
  readonly provenance?: string | undefined;
}

/**
 * The line an automation identity signs: the audience, `:`, a machine's line, `:` and the hash of the signed headers
 * (RFC 8785). `audience`: as `audienceOf` writes it.
 */
export function automationPayload(audience: string, request: SignedRequest, headers: SignedHeaders): string {
  const present = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return `${audience}:${machinePayload(request)}:${bodyHash(canonicalJson(present))}`;
}

/** What the proof of a machine is over. */
export interface SyncProof {
  /** That of the request which carries the proof, as `audienceOf` writes it. */
  readonly audience: string;
  readonly vaultId: string;
  readonly machineId: string;
  /** Unix seconds, decimal. */
  readonly timestamp: string;
  readonly nonce: string;
}

/** V9: the line by which the holder of a machine's key lets the automation identity read for it. */
export function syncPayload({ audience, vaultId, machineId, timestamp, nonce }: SyncProof): string {
  return `sync:${audience}:${vaultId}:${machineId}:${timestamp}:${nonce}`;
}

/** What the proof of a rotation is over. */
export interface RotationProof {
  /** The address that the vault is asked at. */
  readonly audience: string;
  readonly vaultId: string;
  readonly machineId: string;
  /** Of the new key, lower-case hex. */
  readonly fingerprint: string;
}

/** Rail 2: the line by which the holder of a machine's key says that another key is theirs too. */
export function rotatePayload({ audience, vaultId, machineId, fingerprint }: RotationProof): string {
  return `rotate:${audience}:${vaultId}:${machineId}:${fingerprint}`;
}

/** Standard base64 of the 64-byte Ed25519 signature (RFC 8032) over the UTF-8 payload. */
export function signPayload(privateKey: KeyObject, payload: string): string {
  return sign(null, Buffer.from(payload, 'utf8'), privateKey).toString('base64');
}

/** False for a wrong signature and for text that is no signature at all; never throws. */
export function verifyPayload(publicKey: KeyObject, payload: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  return bytes.length === 64 && verify(null, Buffer.from(payload, 'utf8'), publicKey, bytes);
}
