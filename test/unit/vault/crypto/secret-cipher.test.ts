import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '#model/secret-value.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { SealedError, SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { generate } from '#vault/secrets/secrets.ts';

const root = new RootKey(Buffer.alloc(32, 1));
const cipher = new SecretCipher(root);

describe('envelope encryption (V5)', () => {
  it('gives back what was encrypted, and every version has a data key of its own', () => {
    const key = cipher.newProjectKey('proj_a');
    const boxes = [1, 2].map(() => cipher.encrypt('proj_a', key, 'sk_a', new SecretValue('grüße')));
    for (const box of boxes) expect(cipher.decrypt('proj_a', key, 'sk_a', box).reveal()).toBe('grüße');
    expect(boxes[0]?.sealed).not.toBe(boxes[1]?.sealed);
    expect(boxes[0]?.wrapped_key).not.toBe(boxes[1]?.wrapped_key);
  });

  it('opens nothing that was moved to another secret or project, or changed by a bit', () => {
    const key = cipher.newProjectKey('proj_a');
    const box = cipher.encrypt('proj_a', key, 'sk_a', new SecretValue('value'));
    expect(() => cipher.decrypt('proj_a', key, 'sk_b', box)).toThrow();
    expect(() => cipher.decrypt('proj_b', key, 'sk_a', box)).toThrow();
    for (const field of ['sealed', 'wrapped_key'] as const) {
      const bytes = Buffer.from(box[field], 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      expect(() =>
        cipher.decrypt('proj_a', key, 'sk_a', { ...box, [field]: bytes.toString('base64') }),
      ).toThrow();
    }
  });

  it('is sealed without the root key and with another one', () => {
    const key = cipher.newProjectKey('proj_a');
    const box = cipher.encrypt('proj_a', key, 'sk_a', new SecretValue('value'));
    for (const other of [null, new RootKey(Buffer.alloc(32, 2))]) {
      expect(() => new SecretCipher(other).decrypt('proj_a', key, 'sk_a', box)).toThrow(SealedError);
    }
  });
});

describe('a change of the root key (V5)', () => {
  const next = new RootKey(Buffer.alloc(32, 2));
  const key = cipher.newProjectKey('proj_a');
  const box = cipher.encrypt('proj_a', key, 'sk_a', new SecretValue('value'));

  it('opens what the previous key wrapped, and wraps by the new one alone', () => {
    const both = new SecretCipher(next, [root]);
    expect(both.decrypt('proj_a', key, 'sk_a', box).reveal()).toBe('value');
    expect(both.newProjectKey('proj_b').root_key_id).toBe(next.id);
    const anew = both.rewrap(key, 'proj_a');
    expect(anew.root_key_id).toBe(next.id);
    expect(new SecretCipher(next).decrypt('proj_a', anew, 'sk_a', box).reveal()).toBe('value');
    expect(() => both.rewrap(key, 'proj_b')).toThrow();
  });

  it('acts on a cipher that is in use, and previous keys alone leave it sealed', () => {
    const used = new SecretCipher(root);
    used.holdKeys(next, []);
    expect(() => used.decrypt('proj_a', key, 'sk_a', box)).toThrow(SealedError);
    used.holdKeys(next, [root]);
    expect(used.decrypt('proj_a', key, 'sk_a', box).reveal()).toBe('value');
    used.holdKeys(null, [root]);
    expect(used.isSealed).toBe(true);
    expect(() => used.decrypt('proj_a', key, 'sk_a', box)).toThrow(SealedError);
  });
});

describe('the root key', () => {
  it('is 32 bytes in standard base64 and nothing else', () => {
    const text = Buffer.alloc(32, 9).toString('base64');
    expect(RootKey.parse(`${text}\n`).id).toBe(RootKey.parse(text).id);
    for (const wrong of [
      '',
      'short',
      Buffer.alloc(31).toString('base64'),
      `${text}x`,
      Buffer.alloc(32).toString('hex'),
    ]) {
      expect(() => RootKey.parse(wrong)).toThrow(TypeError);
    }
  });

  it('prints nothing of itself', () => {
    const text = Buffer.alloc(32, 9).toString('base64');
    expect(JSON.stringify({ key: RootKey.parse(text) })).toBe('{"key":"[redacted]"}');
    expect(inspect(RootKey.parse(text))).toBe('[redacted]');
  });
});

describe('generated values (V8)', () => {
  it('have the length and the characters asked for', () => {
    expect(generate({ length: 64, charset: 'Hex' }).reveal()).toMatch(/^[0-9a-f]{64}$/);
    expect(generate({ length: 200, charset: 'Alphanumeric' }).reveal()).toMatch(/^[A-Za-z0-9]{200}$/);
    expect(generate({ length: 500, charset: 'Ascii' }).reveal()).toMatch(/^[!-~]{500}$/);
  });
});
