import type { Row } from '../row.ts';
import { newSecret, type World } from '../world.ts';

const MANAGE = { cells: ['Policies: Manage'] } as const;
const POLICY = { readsPerDay: 5 };

/** The path of the policy of a new secret. */
async function policied(world: World, project: string): Promise<string> {
  const path = `${(await newSecret(world, project)).path}/policy`;
  await world.prepare('PUT', path, POLICY);
  return path;
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/policies',
    people: 'member',
    asks: (world) => ({ target: world.at('/policies') }),
    shows: {
      cell: 'Policies: View',
      visible: ({ body }, name) =>
        (body as { policies: { project: string }[] }).policies.some(({ project }) => project === name),
    },
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/policy',
    people: { cells: ['Policies: View'] },
    asks: (world, project) => ({ target: world.at(`/projects/${project}/secrets/metered/policy`) }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/policy',
    people: MANAGE,
    asks: async (world, project) => ({
      target: world.at(`${(await newSecret(world, project)).path}/policy`),
      body: POLICY,
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/policy',
    people: MANAGE,
    asks: async (world, project) => ({ target: world.at(await policied(world, project)) }),
  },
];
