/** Codes that a person types: of their authenticator app (RFC 6238), or recovery codes. Pure but for chance. */
import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** Milliseconds of a time step (RFC 6238 §5.2). */
const STEP = 30_000;
/** Steps that a clock may be off, either way. */
const WINDOW = 1;
const SECRET_LENGTH = 20;
const ISSUER = 'Seneschal';

export function newSharedSecret(): Uint8Array {
  return randomBytes(SECRET_LENGTH);
}

/** What a person gives to their app: the secret as text, and both in a URI that apps read from a picture. */
export function enrolment(
  secret: Uint8Array,
  label: string,
): { readonly secret: string; readonly uri: string } {
  const held = new Secret({ buffer: new Uint8Array(secret).buffer });
  return { secret: held.base32, uri: new TOTP({ issuer: ISSUER, label, secret: held }).toString() };
}

/** The time step that a code is of, at most one from now; null: of none. */
export function stepOf(secret: Uint8Array, code: string, now: number): number | null {
  const held = new Secret({ buffer: new Uint8Array(secret).buffer });
  const delta = TOTP.validate({ token: code, secret: held, timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / STEP) + delta;
}

/** The newest step of which a code could have been taken at this time. */
export function newestStep(now: number): number {
  return Math.floor(now / STEP) + WINDOW;
}

export type TypedCode =
  | { readonly kind: 'App'; readonly code: string }
  | { readonly kind: 'Recovery'; readonly code: string };

/** What a person typed, without the spaces and dashes that make it readable; null: no code of either kind. */
export function typedCode(text: string): TypedCode | null {
  const code = text.replaceAll(/[\s-]/g, '').toUpperCase();
  if (/^[0-9]{6}$/.test(code)) return { kind: 'App', code };
  if (code.length === RECOVERY_LENGTH && [...code].every((one) => ALPHABET.includes(one))) {
    return { kind: 'Recovery', code };
  }
  return null;
}

/** Crockford's: nothing in it is read as something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 80 bits: more than anybody guesses, online or off, so a plain hash does. */
const RECOVERY_LENGTH = 16;
const RECOVERY_CODES = 10;

/** Ten, in groups of four characters. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    // 32 characters divide 256: no one of them is likelier.
    Array.from(randomBytes(RECOVERY_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length])
      .join('')
      .replaceAll(/.{4}(?=.)/g, '$&-'),
  );
}

/** Lower-case hex; of another account the same code has another. */
export function recoveryHash(accountId: string, code: string): string {
  const plain = code.replaceAll('-', '');
  return createHash('sha256').update(`recovery code\0${accountId}\0${plain}`).digest('hex');
}

/**
 * How long codes wait after so many wrong ones in a row, in milliseconds: nothing for the first nine, then longer
 * each time, at most an hour. Only who knows the password comes this far, from however many addresses; six digits
 * alone would not hold them for long.
 */
export function waitAfter(wrongCodes: number): number {
  if (wrongCodes < 10) return 0;
  return Math.min(2 ** (wrongCodes - 10), 60) * 60_000;
}
