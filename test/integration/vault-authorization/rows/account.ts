import { OWNER, PASSWORD } from '../../../builders/vault.ts';
import type { Row } from '../row.ts';

export const rows: readonly Row[] = [
  {
    route: 'POST /api/v1/sessions',
    people: 'anybody',
    asks: () => ({ target: '/api/v1/sessions', body: { email: OWNER, password: PASSWORD } }),
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
  },
  {
    route: 'PUT /api/v1/sessions/current/vault',
    // Only an active member may choose the vault.
    people: 'member',
    asks: (world) => ({ target: '/api/v1/sessions/current/vault', body: { vaultId: world.vaultId } }),
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
