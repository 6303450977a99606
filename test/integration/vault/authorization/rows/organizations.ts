import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const NOBODY = 'nobody@acme.example';

type Sessions = readonly { readonly token_hash: string }[];
/** Of before a key rotation, which cuts them. */
let sessions: Sessions = [];

async function asBefore({ vault, vaultId }: World): Promise<void> {
  await vault.database.edit(
    'update members set state = state_after, awaits = null, state_after = null where vault_id = ? and awaits is not null',
    vaultId,
  );
  await vault.context.bookkeep((db) =>
    db
      .insertInto('sessions')
      .values(sessions as never)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/plans',
    people: 'account',
    asks: () => ({ target: '/api/v1/plans' }),
  },
  {
    route: 'POST /api/v1/vaults',
    people: 'account',
    asks: () => ({ target: '/api/v1/vaults', body: {} }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}',
    people: 'member',
    asks: (world) => ({ target: world.at('') }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/revision',
    people: 'member',
    asks: (world) => ({ target: world.at('/revision?since=0&wait=0') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/conversion',
    people: { role: 'Owner' },
    proof: true,
    asks: (world) => ({ target: world.at('/conversion'), body: { displayName: 'Acme' } }),
    // One way: it is an organization (O1).
    reaches: 'Invalid',
  },
  {
    route: 'PATCH /api/v1/vaults/{vaultId}',
    people: { role: 'Owner' },
    asks: (world) => ({ target: world.at(''), body: { displayName: world.newName() } }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}',
    people: { role: 'Owner' },
    proof: true,
    asks: (world) => ({ target: world.at(''), body: { confirm: 'no' } }),
    // The word was not typed (O2).
    reaches: 'Invalid',
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/ownership-offer',
    people: 'member',
    asks: (world) => ({ target: world.at('/ownership-offer') }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/ownership-offer',
    people: { role: 'Owner' },
    proof: true,
    asks: (world) => ({ target: world.at('/ownership-offer'), body: { email: NOBODY } }),
    reaches: 'NotFound',
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/ownership-offer',
    people: { role: 'Owner' },
    asks: (world) => ({ target: world.at('/ownership-offer') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/ownership-offer/accept',
    people: 'member',
    proof: true,
    asks: (world) => ({ target: world.at('/ownership-offer/accept') }),
    // It is made to nobody.
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/ownership-offer/decline',
    people: 'member',
    asks: (world) => ({ target: world.at('/ownership-offer/decline') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/key-rotation',
    people: { role: 'Owner' },
    proof: true,
    asks: async (world) => {
      sessions = await world.vault.context.reader.selectFrom('sessions').selectAll().execute();
      return { target: world.at('/key-rotation') };
    },
    restore: asBefore,
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/confirmation',
    people: { role: 'Owner' },
    proof: true,
    asks: (world) => ({ target: world.at('/confirmation'), body: { required: false } }),
    // It asks for none.
    reaches: 'Invalid',
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/confirmation',
    people: { role: 'Owner' },
    asks: (world) => ({
      target: world.at(`/members/${NOBODY}/confirmation`),
      body: { publicKey: 'k', salt: 's' },
    }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/members/{email}/confirmation/confirm',
    people: { role: 'Owner' },
    asks: (world) => ({
      target: world.at(`/members/${NOBODY}/confirmation/confirm`),
      body: { id: 'none' },
    }),
    reaches: 'NotFound',
  },
  {
    route: 'GET /api/v1/me/reacceptances',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/reacceptances' }),
  },
  ...(['accept', 'decline'] as const).map(
    (act): Row => ({
      route: `POST /api/v1/me/reacceptances/{vaultId}/${act}`,
      people: 'account',
      asks: (world) => ({ target: `/api/v1/me/reacceptances/${world.vaultId}/${act}` }),
      reaches: 'NotFound',
    }),
  ),
  {
    route: 'GET /api/v1/me/confirmations',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/confirmations' }),
  },
  {
    route: 'POST /api/v1/me/confirmations/{confirmationId}/challenge',
    people: 'account',
    asks: () => ({ target: '/api/v1/me/confirmations/none/challenge' }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/me/confirmations/{confirmationId}/proof',
    people: 'account',
    asks: () => ({
      target: '/api/v1/me/confirmations/none/proof',
      body: { nonce: 'n', signature: 's' },
    }),
    reaches: 'NotFound',
  },
];
