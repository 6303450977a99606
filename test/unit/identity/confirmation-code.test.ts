import { describe, expect, it } from 'vitest';
import {
  confirmationKey,
  newConfirmationCode,
  newConfirmationSalt,
  parseConfirmationCode,
} from '#identity/confirmation-code.ts';

describe('a confirmation code (I4)', () => {
  it('has 80 bits, in letters and digits that look like no others', () => {
    const codes = Array.from({ length: 200 }, newConfirmationCode);
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(new Set(codes).size).toBe(200);
    expect(new Set(codes.join('').replaceAll('-', '')).size).toBe(32);
  });

  it('is read as people type it', () => {
    expect(parseConfirmationCode('abcd-efgh jkmn-pq10')).toBe('ABCDEFGHJKMNPQ10');
    expect(parseConfirmationCode('ABCDEFGHJKMNPQIO')).toBe('ABCDEFGHJKMNPQ10');
    expect(parseConfirmationCode('ABCDEFGHJKMNPQlo')).toBe('ABCDEFGHJKMNPQ10');
    for (const text of ['', 'ABCD', 'ABCDEFGHJKMNPQ1U', 'ABCDEFGHJKMNPQ1000']) {
      expect(parseConfirmationCode(text)).toBeUndefined();
    }
  });

  it('gives the same key on both sides, another under another salt, and another for another code', async () => {
    const salt = Buffer.alloc(16, 1).toString('base64');
    const code = 'ABCD-EFGH-JKMN-PQ10';
    const [owner, invitee, salted, other] = await Promise.all([
      confirmationKey(code, salt),
      confirmationKey('abcdefghjkmnpqIO', salt),
      confirmationKey(code, newConfirmationSalt()),
      confirmationKey('ABCD-EFGH-JKMN-PQ11', salt),
    ]);
    // Argon2id 64 MiB, 3 passes, 4 lanes: other parameters would lock out clients of another version.
    expect(owner.publicKey.text).toBe('F+aK9an8pa1e03+LsOQ9i8XuJrdNvY+ht350AJR/Y2I=');
    expect(invitee.publicKey).toEqual(owner.publicKey);
    expect(salted.publicKey.text).not.toBe(owner.publicKey.text);
    expect(other.publicKey.text).not.toBe(owner.publicKey.text);
  });

  it('is not quoted where it is none', async () => {
    await expect(confirmationKey('ABCD-EFGH-JKMN-PQ1', newConfirmationSalt())).rejects.toThrow(
      /^not a confirmation code$/,
    );
  });
});
