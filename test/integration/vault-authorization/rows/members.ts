import type { Row } from '../row.ts';

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/members',
    people: { cells: ['Organization: View members'] },
    asks: (world) => ({ target: world.at('/members') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/invites',
    people: { cells: ['Organization: Invite'] },
    asks: (world) => ({
      target: world.at('/invites'),
      body: { emails: [`${world.newName()}@acme.example`] },
    }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/members/{email}/suspend',
    people: { cells: ['Organization: Suspend'] },
    asks: (world) => ({ target: world.at('/members/nobody@acme.example/suspend') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/members/{email}/unsuspend',
    people: { cells: ['Organization: Suspend'] },
    asks: (world) => ({ target: world.at('/members/nobody@acme.example/unsuspend') }),
    reaches: 'NotFound',
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/members/{email}',
    people: { cells: ['Organization: Remove'] },
    asks: (world) => ({ target: world.at('/members/nobody@acme.example') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/leave',
    people: 'member',
    asks: (world) => ({ target: world.at('/leave') }),
    // O3: the owner stays.
    reaches: (actor) => (actor === 'owner' ? 'Floor' : undefined),
    usesUp: true,
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/members/{email}/grants/{project}',
    people: { cells: ['Projects: Manage'] },
    asks: (world, project) => ({ target: world.at(`/members/nobody@acme.example/grants/${project}`) }),
    reaches: 'NotFound',
  },
];
