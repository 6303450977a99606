/** Tokens by which a standard machine registers itself once; a person approves it then. */

import { accountOf, actorName } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { newToken, tokenHash } from '../common/token.ts';
import type { BootstrapTokenTable } from '../store/schema.ts';

/** Ten minutes, in milliseconds: as long as it takes to paste a command. */
const LIFE = 10 * 60 * 1000;

/** The token is answered once and kept nowhere; `name` is that of the machine, null: its host's. */
export async function createBootstrapToken(
  act: Act,
  name: string | null,
): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: number }> {
  const id = act.ids.make('bst');
  const token = newToken('boot');
  const expiresAt = act.now + LIFE;
  await act.db
    .insertInto('bootstrap_tokens')
    .values({
      id,
      vault_id: act.vault.id,
      name,
      token_hash: tokenHash(token),
      created_by: actorName(act.actor),
      maker: accountOf(act.actor),
      created_at: act.now,
      expires_at: expiresAt,
      used_at: null,
    })
    .execute();
  const subject = { kind: 'BootstrapToken', key: id };
  await act.audit({ action: 'bootstrap-token.created', subject, details: { name, expiresAt } });
  return { id, token, expiresAt };
}

/** The row of a token that may still be used; undefined where there is none. */
export async function openBootstrapToken(
  db: VaultContext['reader'],
  token: string,
  now: number,
): Promise<BootstrapTokenTable | undefined> {
  return db
    .selectFrom('bootstrap_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}
