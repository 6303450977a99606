/** Permission templates. T4: Templates: Manage is the owner's alone. */
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const OWNER_ALONE = { role: 'Owner' } as const;

/** A new template that nobody holds. */
async function template(world: World): Promise<string> {
  const name = world.newName();
  await world.prepare('POST', '/templates', { name, capabilities: { Trash: ['Purge'] } });
  return name;
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/templates',
    people: { cells: ['Templates: View'] },
    asks: (world) => ({ target: world.at('/templates') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/templates',
    people: OWNER_ALONE,
    asks: (world) => ({
      target: world.at('/templates'),
      body: { name: world.newName(), capabilities: { Secrets: ['View'] } },
    }),
  },
  {
    route: 'PATCH /api/v1/vaults/{vaultId}/templates/{name}',
    people: OWNER_ALONE,
    asks: async (world) => ({
      target: world.at(`/templates/${await template(world)}`),
      body: { capabilities: { Secrets: ['View', 'Manage'] } },
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/templates/{name}',
    people: OWNER_ALONE,
    asks: async (world) => ({ target: world.at(`/templates/${await template(world)}`) }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/templates/{name}/archive',
    people: OWNER_ALONE,
    asks: async (world) => ({ target: world.at(`/templates/${await template(world)}/archive`) }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/templates/{name}/unarchive',
    people: OWNER_ALONE,
    asks: async (world) => {
      const name = await template(world);
      await world.prepare('POST', `/templates/${name}/archive`);
      return { target: world.at(`/templates/${name}/unarchive`) };
    },
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/templates/{name}/cells/{cell}',
    people: OWNER_ALONE,
    asks: async (world) => ({
      target: world.at(`/templates/${await template(world)}/cells/Trash:%20Purge`),
    }),
  },
];
