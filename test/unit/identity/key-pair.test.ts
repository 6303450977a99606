import { createHash, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { inspect } from 'node:util';
import * as ed25519 from '@noble/ed25519';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  newKeyPair,
  parsePrivatePem,
  parsePublicKey,
  privatePem,
  publicKeyOf,
  publicPem,
  signText,
} from '#identity/key-pair.ts';

/** PKCS#8 of an Ed25519 key up to the seed (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('public half, fingerprint and signature agree with an independent implementation', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.string({ unit: 'grapheme' }), async (seed, text) => {
      const der = Buffer.concat([PKCS8_PREFIX, seed]);
      const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const raw = await ed25519.getPublicKeyAsync(seed);
      const { text: publicKey, fingerprint } = publicKeyOf(privateKey);
      expect(publicKey).toBe(Buffer.from(raw).toString('base64'));
      expect(publicKey).toHaveLength(44);
      expect(fingerprint).toBe(createHash('sha256').update(raw).digest('hex'));
      const signature = await ed25519.signAsync(Buffer.from(text, 'utf8'), seed);
      expect(signText(privateKey, text)).toBe(Buffer.from(signature).toString('base64'));
    }),
    { numRuns: 50 },
  );
});

test('a key pair survives its way through PEM', () => {
  const { privateKey, publicKey } = newKeyPair();
  const pem = privatePem(privateKey);
  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(parsePrivatePem(pem)?.publicKey).toEqual(publicKey);
  expect(publicKeyOf(createPublicKey(publicPem(publicKey)))).toEqual(publicKey);
  const signature = Buffer.from(signText(privateKey, 'text'), 'base64');
  expect(verify(null, Buffer.from('text'), createPublicKey(publicPem(publicKey)), signature)).toBe(true);
});

test('what is no key is none, and is not quoted', () => {
  expect(parsePrivatePem('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')).toBeUndefined();
  expect(parsePrivatePem('')).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const parsed = parsePublicKey(text);
      if (parsed !== undefined) expect(Buffer.from(text, 'base64')).toHaveLength(32);
    }),
  );
});

test('a key pair that is printed shows nothing of its private half', () => {
  const keys = newKeyPair();
  const secret = privatePem(keys.privateKey).split('\n')[1] ?? '';
  expect(`${inspect(keys, { depth: 9, showHidden: true })}${JSON.stringify(keys)}`).not.toContain(
    secret.slice(20),
  );
});
