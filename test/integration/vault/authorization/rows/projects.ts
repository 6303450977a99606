import type { Row } from '../row.ts';
import type { World } from '../world.ts';

async function project(world: World): Promise<string> {
  const name = world.newName();
  await world.prepare('POST', '/projects', { name });
  return name;
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/projects',
    people: 'member',
    asks: (world) => ({ target: world.at('/projects') }),
    shows: {
      cell: 'Projects: View',
      visible: ({ body }, project) =>
        (body as { projects: { name: string }[] }).projects.some(({ name }) => name === project),
    },
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/projects',
    people: { cells: ['Projects: Create'] },
    asks: (world) => ({ target: world.at('/projects'), body: { name: world.newName() } }),
  },
  {
    route: 'PATCH /api/v1/vaults/{vaultId}/projects/{project}',
    people: { cells: ['Projects: Manage'] },
    asks: (world, project) => ({
      target: world.at(`/projects/${project}`),
      body: { description: world.newName() },
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/projects/{project}',
    people: { cells: ['Projects: Delete'] },
    asks: (world, project) => ({ target: world.at(`/projects/${project}`) }),
    // P2: without its name typed. With it, nothing would be left to judge the next one in.
    reaches: 'NotConfirmed',
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/projects/{project}',
    variant: 'another one, confirmed',
    // Out of everybody's scope.
    people: { role: 'Owner' },
    asks: async (world) => {
      const name = await project(world);
      return { target: world.at(`/projects/${name}?confirm=${name}`) };
    },
  },
];
