import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword, verifyAgainstNobody, verifyPassword } from '#vault/sessions/password.ts';

describe('a password', () => {
  it('is hashed with Argon2id and a salt of its own (V5)', async () => {
    const [one, two] = await Promise.all([hashPassword('open sesame!'), hashPassword('open sesame!')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword('open sesame!', one)).toBe(true);
    expect(await verifyPassword('open sesame?', one)).toBe(false);
  });

  it('still verifies after the cost was raised, because the hash names its own', async () => {
    const nonce = Buffer.alloc(16, 3);
    const parameters = { memory: 64, passes: 1, parallelism: 1, tagLength: 32, nonce };
    const tag = argon2Sync('argon2id', { message: 'open sesame!', ...parameters });
    const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    const hash = `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`;
    expect(await verifyPassword('open sesame!', hash)).toBe(true);
  });

  it('never verifies against what is no hash, or against nobody', async () => {
    expect(await verifyPassword('', '')).toBe(false);
    expect(await verifyPassword('x', '$argon2id$v=19$m=1')).toBe(false);
    expect(await verifyAgainstNobody('open sesame!')).toBe(false);
  });
});
