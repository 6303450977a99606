import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import * as noble from '@noble/ed25519';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  automationPayload,
  bodyHash,
  machinePayload,
  signPayload,
  syncPayload,
  verifyPayload,
} from '#protocol/signing.ts';

/** PKCS#8 of Ed25519 is a fixed prefix (RFC 8410) and the 32-byte seed. */
function privateKeyOf(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const AUDIENCE = 'https://vault.acme.example';
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');

const read = {
  method: 'GET',
  target: '/v1/secret/sk_a1b2c3d4e5',
  timestamp: '1711468800',
  nonce: 'dGhpcyBpcyBhIG5vbmNl',
  bodyHash: EMPTY,
};

describe('the line that is signed', () => {
  it('is the well-formed payload of the wire facts, byte for byte', () => {
    expect(bodyHash(undefined)).toBe(EMPTY);
    expect(bodyHash('')).toBe(EMPTY);
    expect(bodyHash(new Uint8Array())).toBe(EMPTY);
    expect(machinePayload(read)).toBe(
      `GET:/v1/secret/sk_a1b2c3d4e5:1711468800:dGhpcyBpcyBhIG5vbmNl:${EMPTY}`,
    );
  });

  it('keeps the spaces of a body that a client sent with spaces', () => {
    expect(bodyHash('{"projectId": "p"}')).not.toBe(bodyHash('{"projectId":"p"}'));
  });

  it('of an automation identity begins with the audience and ends with the hash of the signed headers, absent ones left out', () => {
    const none = bodyHash('{}');
    const bare = `${AUDIENCE}:${machinePayload(read)}`;
    expect(automationPayload(AUDIENCE, read, {})).toBe(`${bare}:${none}`);
    expect(automationPayload(AUDIENCE, read, { 'if-match': undefined })).toBe(`${bare}:${none}`);
    expect(automationPayload(AUDIENCE, read, { provenance: 'p', 'idempotency-key': 'k' })).toBe(
      `${bare}:${bodyHash('{"idempotency-key":"k","provenance":"p"}')}`,
    );
  });

  it('of a sync proof names audience, vault and machine, so that a proof serves no other (V9)', () => {
    const proof = { audience: AUDIENCE, vaultId: 'vault_a', machineId: 'm', timestamp: '1', nonce: 'n' };
    expect(syncPayload(proof)).toBe('sync:https://vault.acme.example:vault_a:m:1:n');
  });
});

describe('signatures', () => {
  const key = privateKeyOf(SEED);
  const publicKey = createPublicKey(key);

  it('of a fixed seed are the bytes of RFC 8032 in both implementations', async () => {
    expect(Buffer.from(await noble.getPublicKeyAsync(SEED)).toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
    const rfc8032 =
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
    expect(Buffer.from(signPayload(key, ''), 'base64').toString('hex')).toBe(rfc8032);
    expect(Buffer.from(await noble.signAsync(new Uint8Array(), SEED)).toString('hex')).toBe(rfc8032);
  });

  it('of the documented payload agree byte for byte in node:crypto and noble', async () => {
    const payload = machinePayload(read);
    const ours = signPayload(key, payload);
    const oracle = await noble.signAsync(Buffer.from(payload), SEED);
    expect(ours).toBe(Buffer.from(oracle).toString('base64'));
    expect(ours).toMatch(/^[A-Za-z0-9+/]{86}==$/);
    expect(verifyPayload(publicKey, payload, ours)).toBe(true);
  });

  it('of any seed and any payload agree and verify in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        async (seed, payload) => {
          const one = privateKeyOf(seed);
          const signature = signPayload(one, payload);
          const oracle = await noble.signAsync(Buffer.from(payload, 'utf8'), seed);
          expect(signature).toBe(Buffer.from(oracle).toString('base64'));
          expect(verifyPayload(createPublicKey(one), payload, signature)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('that were altered, cut or never were signatures do not verify and do not throw', () => {
    const payload = machinePayload(read);
    const signature = signPayload(key, payload);
    const flipped = Buffer.from(signature, 'base64');
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    for (const wrong of [
      flipped.toString('base64'),
      signature.slice(0, 40),
      '',
      'not base64 at all',
      '\u0000',
    ]) {
      expect(verifyPayload(publicKey, payload, wrong)).toBe(false);
    }
    expect(verifyPayload(publicKey, `${payload} `, signature)).toBe(false);
  });
});
