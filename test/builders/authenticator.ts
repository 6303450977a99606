/**
 * An authenticator of software (WebAuthn §6): makes discoverable credentials with attestation `none`, and signs
 * challenges with them. What a real one would refuse to do it does when told, so that servers can be seen to refuse.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Algorithm = 'ES256' | 'EdDSA';

/** What is done otherwise than an honest authenticator and browser do. */
export interface Quirks {
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  /** The count that is claimed, and goes on from. */
  readonly counter?: number;
  readonly type?: string;
  readonly challenge?: string;
  readonly userHandle?: string;
}

interface Creation {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly challenge: string;
}

interface Request {
  readonly rpId: string;
  readonly challenge: string;
}

interface Credential {
  readonly id: Buffer;
  readonly rpId: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
  readonly algorithm: Algorithm;
  counter: number;
}

export class Authenticator {
  readonly #origin: string;
  readonly #algorithm: Algorithm;
  /** Whether it counts its signatures; those that are synced over devices say 0 for ever. */
  readonly #counts: boolean;
  credential: Credential | null = null;

  constructor(origin: string, options: { algorithm?: Algorithm; counts?: boolean } = {}) {
    this.#origin = origin;
    this.#algorithm = options.algorithm ?? 'ES256';
    this.#counts = options.counts ?? true;
  }

  /** `navigator.credentials.create`, as JSON. */
  create({ rp, user, challenge }: Creation, quirks: Quirks = {}) {
    const pair =
      this.#algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
    this.credential = {
      id: randomBytes(32),
      rpId: rp.id,
      userHandle: user.id,
      privateKey: pair.privateKey,
      algorithm: this.#algorithm,
      counter: 0,
    };
    const { id } = this.credential;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(pair.publicKey)]);
    const authData = this.#authenticatorData(this.credential, quirks, attested);
    const attestationObject = cborMap([
      ['fmt', cborText('none')],
      ['attStmt', cborMap([])],
      ['authData', cborBytes(authData)],
    ]);
    return {
      id: id.toString('base64url'),
      rawId: id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#clientData('webauthn.create', challenge, quirks).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** `navigator.credentials.get`, as JSON. */
  get({ challenge }: Request, quirks: Quirks = {}) {
    const { credential } = this;
    if (credential === null) throw new Error('no credential was created');
    if (this.#counts) credential.counter += 1;
    const authData = this.#authenticatorData(credential, quirks);
    const clientData = this.#clientData('webauthn.get', challenge, quirks);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const signature = sign(credential.algorithm === 'ES256' ? 'sha256' : null, signed, credential.privateKey);
    return {
      id: credential.id.toString('base64url'),
      rawId: credential.id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: quirks.userHandle ?? credential.userHandle,
      },
    };
  }

  #clientData(type: string, challenge: string, quirks: Quirks): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: quirks.type ?? type,
        challenge: quirks.challenge ?? challenge,
        origin: quirks.origin ?? this.#origin,
        crossOrigin: false,
      }),
    );
  }

  #authenticatorData(credential: Credential, quirks: Quirks, attested = Buffer.alloc(0)): Buffer {
    const { rpId = credential.rpId, userVerified = true } = quirks;
    if (quirks.counter !== undefined) credential.counter = quirks.counter;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(credential.counter);
    const flags = USER_PRESENT | (userVerified ? USER_VERIFIED : 0) | (attested.length > 0 ? ATTESTED : 0);
    return Buffer.concat([
      createHash('sha256').update(rpId).digest(),
      Buffer.from([flags]),
      counter,
      attested,
    ]);
  }
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

/** COSE_Key (RFC 9052 §7) of a public key. */
function coseKey(publicKey: KeyObject): Buffer {
  const { crv, x = '', y } = publicKey.export({ format: 'jwk' });
  const isEcdsa = crv === 'P-256';
  return cborMap([
    [1, cborInteger(isEcdsa ? 2 : 1)],
    [3, cborInteger(isEcdsa ? -7 : -8)],
    [-1, cborInteger(isEcdsa ? 1 : 6)],
    [-2, cborBytes(Buffer.from(x, 'base64url'))],
    ...(y === undefined ? [] : [[-3, cborBytes(Buffer.from(y, 'base64url'))] as const]),
  ]);
}

/** CBOR (RFC 8949 §3), as much of it as is needed here. */
function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 0x100) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}

function cborInteger(value: number): Buffer {
  return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
}

function cborBytes(bytes: Buffer): Buffer {
  return Buffer.concat([cborHead(2, bytes.length), bytes]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
}

function cborMap(entries: readonly (readonly [string | number, Buffer])[]): Buffer {
  const items = entries.map(([key, value]) =>
    Buffer.concat([typeof key === 'string' ? cborText(key) : cborInteger(key), value]),
  );
  return Buffer.concat([cborHead(5, entries.length), ...items]);
}
