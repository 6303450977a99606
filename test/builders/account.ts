/** Accounts of tests that are not about passwords. */
import { argon2Sync, randomBytes } from 'node:crypto';
import type { VaultContext } from '#vault/act/context.ts';
import { type Account, addAccount } from '#vault/sessions/accounts.ts';

export const PASSWORD = 'correct horse battery staple';

/**
 * Of `PASSWORD` at the least cost that Argon2id has. A hash says what it costs to verify (src/vault/sessions/password.ts),
 * so that each sign-in with it costs as little; what the server hashes itself costs what it always does.
 */
const CHEAP_HASH = (() => {
  const cost = { memory: 8, passes: 1, parallelism: 1 };
  const nonce = randomBytes(16);
  const tag = argon2Sync('argon2id', { message: PASSWORD, nonce, tagLength: 32, ...cost });
  const [salt, hash] = [nonce, tag].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${salt}$${hash}`;
})();

/** An account whose password is `PASSWORD`; its user name is what stands before the @. */
export function newAccount(context: VaultContext, email: string): Promise<Account> {
  const userName = email.split('@', 1)[0] ?? email;
  return addAccount(context, { email, userName, passwordHash: CHEAP_HASH });
}
