/** Decides V5: how a token is drawn, and the hash that is stored of it. */
import { createHash, randomBytes } from 'node:crypto';

/** A token that is shown once: its prefix and 256 random bits. It is stored by its hash (V5). */
export function newToken(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** Lower-case hex SHA-256: with 256 random bits nothing slower is needed. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
