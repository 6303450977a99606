/** Sessions and invites, each person's own. */

import { OWNER, PASSWORD } from '#test/builders/vault.ts';
import { tokenHash } from '#vault/common/token.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

/** Id of another session of the owner. */
async function sessionOfOwner(world: World): Promise<string> {
  const { body } = await world
    .actor('nobody')
    .ask('POST', '/api/v1/sessions', { email: OWNER, password: PASSWORD });
  const { id } = await world.vault.context.reader
    .selectFrom('sessions')
    .select('id')
    .where('token_hash', '=', tokenHash((body as { token: string }).token))
    .executeTakeFirstOrThrow();
  return id;
}

export const rows: readonly Row[] = [
  {
    route: 'POST /api/v1/sessions',
    people: 'anybody',
    asks: () => ({ target: '/api/v1/sessions', body: { email: OWNER, password: PASSWORD } }),
  },
  {
    route: 'GET /api/v1/sessions',
    people: 'account',
    asks: () => ({ target: '/api/v1/sessions' }),
  },
  {
    route: 'DELETE /api/v1/sessions',
    people: 'account',
    asks: () => ({ target: '/api/v1/sessions' }),
  },
  {
    route: 'DELETE /api/v1/sessions/{sessionId}',
    people: 'account',
    asks: async (world) => ({ target: `/api/v1/sessions/${await sessionOfOwner(world)}` }),
    // Sessions of others are not there.
    reaches: (actor) => (actor === 'owner' ? undefined : 'NotFound'),
  },
  {
    route: 'DELETE /api/v1/sessions/current',
    people: 'account',
    asks: () => ({ target: '/api/v1/sessions/current' }),
    usesUp: true,
  },
  {
    route: 'POST /api/v1/sessions/current/proof',
    people: 'account',
    asks: () => ({ target: '/api/v1/sessions/current/proof', body: { password: PASSWORD } }),
    // An approver has proven more than the password.
    restore: ({ vault }) =>
      vault.database.edit(
        `update sessions set proven_by = 'Passkey' where account_id in (select account_id from passkeys)`,
      ),
  },
  {
    route: 'PUT /api/v1/sessions/current/vault',
    // Only an active member may choose the vault.
    people: 'member',
    asks: (world) => ({ target: '/api/v1/sessions/current/vault', body: { vaultId: world.vaultId } }),
  },
  {
    route: 'GET /api/v1/me/vaults',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/vaults' }),
  },
  {
    route: 'GET /api/v1/me/invites',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/invites' }),
  },
  ...(['accept', 'decline'] as const).map(
    (act): Row => ({
      route: `POST /api/v1/me/invites/{inviteId}/${act}`,
      people: 'account',
      asks: () => ({ target: `/api/v1/me/invites/none/${act}` }),
      reaches: 'NotFound',
    }),
  ),
  {
    route: 'POST /api/v1/organizations',
    people: 'account',
    asks: (world) => ({
      target: '/api/v1/organizations',
      body: { displayName: world.newName(), plan: 'Free' },
    }),
  },
];
