/** The secret that a webhook's bodies are signed with: answered once, kept under the root key (V5). */

import { newToken } from '../common/token.ts';
import type { SecretCipher, WrappedKey } from '../crypto/secret-cipher.ts';

/** What the secret of an integration is wrapped for. */
export function webhookSecretOwner(integrationId: string): string {
  return `webhook:${integrationId}`;
}

/** Throws SealedError. */
export function newWebhookSecret(
  cipher: SecretCipher,
  integrationId: string,
): { readonly secret: string; readonly wrapped: WrappedKey } {
  const secret = newToken('whsec');
  return { secret, wrapped: cipher.wrap(Buffer.from(secret, 'utf8'), webhookSecretOwner(integrationId)) };
}

/** Throws SealedError; throws Error where the row was moved or changed. */
export function openWebhookSecret(cipher: SecretCipher, row: WrappedKey & { readonly id: string }): string {
  return cipher.unwrap(row, webhookSecretOwner(row.id)).toString('utf8');
}
