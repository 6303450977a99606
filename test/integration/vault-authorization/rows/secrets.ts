import type { Answer } from '../asking.ts';
import type { Row } from '../row.ts';

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
    route: 'PUT /api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}',
    people: { cells: ['Secrets: Manage'] },
    asks: (world, project) => ({
      target: world.at(`/projects/${project}/secrets/of-the-table`),
      body: { value: 'text' },
    }),
  },
];
