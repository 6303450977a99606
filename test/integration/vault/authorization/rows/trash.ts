/** The trash. Its cells are the vault's (T3): they act on what was in any project. */
import type { Row } from '../row.ts';
import { newSecret, type World } from '../world.ts';

async function trashed(
  world: World,
  project: string,
): Promise<{ readonly id: string; readonly name: string }> {
  const { path, name, id } = await newSecret(world, project);
  await world.prepare('DELETE', `${path}?confirm=${name}`);
  return { id, name };
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/trash',
    people: { cells: ['Trash: View'] },
    asks: (world) => ({ target: world.at('/trash') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/trash/{id}/restore',
    people: { cells: ['Trash: Restore'] },
    asks: async (world, project) => ({
      target: world.at(`/trash/${(await trashed(world, project)).id}/restore`),
      body: {},
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/trash/{id}',
    people: { cells: ['Trash: Purge'] },
    asks: async (world, project) => {
      const { id, name } = await trashed(world, project);
      return { target: world.at(`/trash/${id}?confirm=${name}`) };
    },
  },
];
