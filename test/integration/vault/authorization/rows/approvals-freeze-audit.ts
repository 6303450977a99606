import type { Answer } from '../asking.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const thawed = (world: World) => world.actor('owner').ask('DELETE', world.at('/freeze'));
const actorsOf = ({ body }: Answer): readonly string[] =>
  (body as { entries: { actor: { name: string } }[] }).entries.map(({ actor }) => actor.name);

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/audit',
    people: { cells: ['Audit log: View'] },
    asks: (world) => ({ target: world.at('/audit?limit=500') }),
    // A1: one's own entries, or all.
    shows: {
      cell: 'Audit log: View others',
      visible: (answer) => new Set(actorsOf(answer)).size > 1,
    },
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/audit/export',
    people: { cells: ['Audit log: View others'] },
    asks: (world) => ({ target: world.at('/audit/export') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/approvals',
    people: { role: 'Approver' },
    proof: true,
    asks: (world) => ({
      target: world.at('/approvals'),
      body: { digest: 'a'.repeat(64), reason: 'looked at' },
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/freeze',
    people: { role: 'Admin' },
    asks: (world) => ({ target: world.at('/freeze'), body: { reason: 'incident' } }),
    restore: thawed,
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/freeze',
    people: { role: 'Owner' },
    asks: (world) => ({ target: world.at('/freeze') }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/lease',
    people: { role: 'Approver' },
    asks: (world) => ({ target: world.at('/lease') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/lease/handovers',
    people: { role: 'Approver' },
    proof: true,
    asks: async (world) => {
      const { manager, installation } = await world.fence();
      const own = { manager, installation };
      return { target: world.at('/lease/handovers'), body: { reason: 'moved', from: own, to: own } };
    },
    restore: async (world) => {
      const { manager, installation } = await world.fence();
      await world.vault.lease(manager, installation);
    },
  },
];
