import fc from 'fast-check';
import { Secret, TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import {
  enrolment,
  newestStep,
  newRecoveryCodes,
  newSharedSecret,
  recoveryHash,
  stepOf,
  typedCode,
  waitAfter,
} from '#vault/accounts/sign-in/codes.ts';

/** RFC 6238, appendix B: the secret of SHA-1, and the last six of the eight digits. */
const SECRET = Buffer.from('12345678901234567890', 'ascii');
const VECTORS = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
] as const;

describe('a code of an authenticator app', () => {
  it.each(VECTORS)('at %i s is that of RFC 6238, appendix B', (seconds, code) => {
    expect(stepOf(SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it('is of its step a step early and late, and of none beyond that', () => {
    const time = fc.integer({ min: 100, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
    fc.assert(
      fc.property(time, fc.integer({ min: -4, max: 4 }), (at, off) => {
        const totp = new TOTP({ secret: new Secret({ buffer: new Uint8Array(SECRET).buffer }) });
        const code = totp.generate({ timestamp: at });
        const step = stepOf(SECRET, code, at + off * 30_000);
        const isNear = Math.abs(off) <= 1;
        // One in 100,000 codes is also that of another step near.
        if (isNear) expect(step).not.toBeNull();
        else
          fc.pre(
            step === null || [-1, 0, 1].some((near) => collides(totp, code, at + (off + near) * 30_000)),
          );
        if (step !== null) expect(step).toBeLessThanOrEqual(newestStep(at + off * 30_000));
      }),
    );
  });

  it('comes from a secret of 160 bits that the URI gives to the app', () => {
    const secret = newSharedSecret();
    expect(secret).toHaveLength(20);
    const { secret: text, uri } = enrolment(secret, 'alice@acme.example');
    expect(Buffer.from(Secret.fromBase32(text).bytes)).toEqual(Buffer.from(secret));
    const { searchParams, pathname } = new URL(uri);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      issuer: 'Seneschal',
      secret: text,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(decodeURIComponent(pathname)).toContain('alice@acme.example');
  });
});

function collides(totp: TOTP, code: string, at: number): boolean {
  return totp.generate({ timestamp: at }) === code;
}

describe('recovery codes', () => {
  it('are ten different ones of 80 bits, which are read as they are typed', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
      const plain = code.replaceAll('-', '');
      for (const typed of [code, plain, code.toLowerCase(), ` ${code.replaceAll('-', ' ')} `]) {
        expect(typedCode(typed)).toEqual({ kind: 'Recovery', code: plain });
      }
      expect(recoveryHash('acc_1', code)).toBe(recoveryHash('acc_1', plain));
      expect(recoveryHash('acc_1', code)).not.toBe(recoveryHash('acc_2', code));
    }
  });

  it('and codes of the app are told apart; all else is neither', () => {
    expect(typedCode('123 456')).toEqual({ kind: 'App', code: '123456' });
    for (const text of ['', '12345', '1234567', 'ABCDEF', '٣٤٥٦٧٨', 'IIII-LLLL-OOOO-UUUU']) {
      expect(typedCode(text)).toBeNull();
    }
  });
});

it('wrong codes in a row make codes wait: not at first, then longer each time, an hour at most', () => {
  expect([0, 1, 9, 10, 11, 15, 16, 17, 1000].map((wrong) => waitAfter(wrong) / 60_000)).toEqual([
    0, 0, 0, 1, 2, 32, 60, 60, 60,
  ]);
});
