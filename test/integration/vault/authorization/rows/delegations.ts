/** Automation identities as the owner makes, lists and ends them (V4). */
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const OWNER_ALONE = { role: 'Owner' } as const;

/** The path of a new one, below the vault. */
async function delegation(world: World): Promise<string> {
  await world.proven(0);
  const body = { name: world.newName(), abilities: ['members:manage'] };
  const { id } = (await world.prepare('POST', '/automations', body)) as { id: string };
  return `/automations/${id}`;
}

export const rows: readonly Row[] = [
  {
    route: 'POST /api/v1/vaults/{vaultId}/automations',
    people: OWNER_ALONE,
    proof: true,
    asks: (world) => ({
      target: world.at('/automations'),
      body: { name: world.newName(), abilities: ['members:manage'] },
    }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/automations',
    people: OWNER_ALONE,
    asks: (world) => ({ target: world.at('/automations') }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/automations/{automationId}',
    people: OWNER_ALONE,
    asks: (world) => ({ target: world.at('/automations/auto_0123456789abcdef') }),
    reaches: 'NotFound',
  },
  {
    route: 'PATCH /api/v1/vaults/{vaultId}/automations/{automationId}',
    people: OWNER_ALONE,
    // It may widen what a delegate does.
    proof: true,
    asks: (world) => ({
      target: world.at('/automations/auto_0123456789abcdef'),
      body: { machinesPerHour: 3 },
    }),
    reaches: 'NotFound',
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/automations/{automationId}',
    people: OWNER_ALONE,
    asks: async (world) => ({ target: world.at(await delegation(world)) }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/automations/{automationId}/keys',
    people: OWNER_ALONE,
    // Who holds another key of it is another delegate.
    proof: true,
    asks: (world) => ({ target: world.at('/automations/auto_0123456789abcdef/keys'), body: {} }),
    reaches: 'NotFound',
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/automations/{automationId}/keys/{fingerprint}',
    people: OWNER_ALONE,
    asks: async (world) => {
      const path = `${await delegation(world)}/keys`;
      const { fingerprint } = (await world.prepare('POST', path, {})) as { fingerprint: string };
      return { target: world.at(`${path}/${fingerprint}`) };
    },
  },
];
