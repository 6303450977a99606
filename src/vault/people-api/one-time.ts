/** What is answered once and kept nowhere: tokens, private keys, codes. */

/** Tokens of `newToken`, private keys in PEM, and the secret of a TOTP as it goes into a QR code. */
const ONE_TIME_TEXT = /(?:^|[^A-Za-z0-9])[a-z]{3,12}_[A-Za-z0-9_-]{40,}|PRIVATE KEY-----|otpauth:/;

/** Fields that hold such a thing, whatever it looks like. */
const ONE_TIME_FIELD =
  /^(?:code|codes|secret|value|bundle|command|script|uri)$|token$|password|private|recovery|codes$|otp/i;

/** Whether anything in the value is to be shown once: by the name of its field, or by how it looks. */
export function holdsOneTime(value: unknown): boolean {
  if (typeof value === 'string') return ONE_TIME_TEXT.test(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsOneTime);
  return Object.entries(value).some(
    ([field, held]) => (held !== null && held !== false && ONE_TIME_FIELD.test(field)) || holdsOneTime(held),
  );
}
