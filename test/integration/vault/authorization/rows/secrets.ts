import type { Answer } from '../asking.ts';
import type { Row } from '../row.ts';
import { newSecret } from '../world.ts';

const MANAGE = { cells: ['Secrets: Manage'] } as const;

const listed = ({ body }: Answer): readonly { project: string }[] =>
  (body as { secrets: { project: string }[] }).secrets;

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/secrets',
    people: 'member',
    asks: (world) => ({ target: world.at('/secrets') }),
    shows: {
      cell: 'Secrets: View',
      visible: (answer, project) => listed(answer).some((secret) => secret.project === project),
    },
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/projects/{project}/secrets',
    people: MANAGE,
    asks: (world, project) => ({
      target: world.at(`/projects/${project}/secrets`),
      body: { name: world.newName(), content: { value: 'text' } },
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    people: MANAGE,
    asks: (world, project) => ({
      target: world.at(`/projects/${project}/secrets/of-the-table`),
      body: { value: 'text' },
    }),
  },
  {
    route: 'PATCH /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    people: MANAGE,
    asks: async (world, project) => ({
      target: world.at((await newSecret(world, project)).path),
      body: { name: world.newName() },
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    people: MANAGE,
    asks: async (world, project) => {
      const { path, name } = await newSecret(world, project);
      return { target: world.at(`${path}?confirm=${name}`) };
    },
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/versions',
    people: { cells: ['Secrets: View'] },
    asks: (world, project) => ({ target: world.at(`/projects/${project}/secrets/secret/versions`) }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/rollback',
    people: MANAGE,
    asks: async (world, project) => {
      const { path } = await newSecret(world, project);
      await world.prepare('PUT', path, { value: 'next' });
      return { target: world.at(`${path}/rollback`), body: { version: 1 } };
    },
  },
];
