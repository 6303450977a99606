import type { Row } from '../row.ts';

export const rows: readonly Row[] = [
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/templates/{name}/cells/{cell}',
    // T4: Templates: Manage is the owner's alone.
    people: { role: 'Owner' },
    asks: (world) => ({ target: world.at('/templates/none/cells/Trash:%20Purge') }),
    reaches: 'NotFound',
  },
];
