import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPassword } from '#vault/sessions/password-rules.ts';

const EMAIL = 'alice.smith@acme.example';
const verdict = (password: string): string => {
  try {
    checkPassword(password, EMAIL);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a new password', () => {
  it.each([
    'correct horse battery staple',
    'kx7!Tq93#mWz',
    'пароль не для всех людей',
    'Alice likes purple tractors',
    '9f86d081884c7d659a2f',
  ])('%s is taken', (password) => {
    expect(verdict(password)).toBe('taken');
  });

  it.each([
    'password1234',
    'P@ssw0rd2026!',
    'passwordpassword',
    'qwertyuiop123',
    'Summer2026Winter',
    '123456789012',
    'aaaaaaaaaaaa',
    'alice.smith@acme.example',
    'AliceSmith2026!',
    'acme-example-99',
    'welcome alice smith',
  ])('%s is common, or is the own address', (password) => {
    expect(verdict(password)).toBe('PasswordCommon');
  });

  it('has 12 to 1,024 characters', () => {
    expect(verdict('kx7!Tq93#mW')).toBe('PasswordTooShort');
    expect(verdict('kx7!Tq93#mWz'.repeat(86))).toBe('PasswordTooLong');
  });

  it('that is random is taken', () => {
    const random = fc.uint8Array({ minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(random, (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        fc.pre(new Set(text.match(/[a-z]/gi)).size > 12);
        expect(verdict(text)).toBe('taken');
      }),
    );
  });
});
