import { newKeyPair } from '#identity/key-pair.ts';
import { INSIDE } from '../oracle.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const MANAGE = { cells: ['Machines: Manage'] } as const;
/** H1: who brings machines and secrets together holds both. */
const ATTACH = { cells: ['Machines: Manage', 'Secrets: Manage'] } as const;

/** The path of a new machine with one key, below the vault; it reads the secret of the project, if one is named. */
async function machine(world: World, project?: string): Promise<string> {
  const access = project === undefined ? [] : [{ project, secrets: ['secret'] }];
  const { machineName } = (await world.prepare('POST', '/machines', {
    name: world.newName(),
    publicKey: newKeyPair().publicKey.text,
    access,
  })) as { machineName: string };
  return `/machines/${machineName}`;
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/machines',
    people: { cells: ['Machines: View'] },
    asks: (world) => ({ target: world.at('/machines') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/machines',
    variant: 'into no project',
    people: MANAGE,
    asks: (world) => ({ target: world.at('/machines'), body: { name: world.newName() } }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/machines',
    variant: 'into a project',
    people: ATTACH,
    asks: (world, project) => ({
      target: world.at('/machines'),
      body: { name: world.newName(), access: [{ project, secrets: ['secret'] }] },
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/machines/{name}/access',
    people: ATTACH,
    asks: async (world, project) => ({
      target: world.at(`${await machine(world)}/access`),
      body: { access: [{ project, secrets: ['secret'] }] },
    }),
  },
  ...(['approve', 'reject', 'disable', 'enable'] as const).map(
    (act): Row => ({
      route: `POST /api/v1/vaults/{vaultId}/machines/{name}/${act}`,
      people: MANAGE,
      asks: (world) => ({ target: world.at(`/machines/nobody/${act}`) }),
      reaches: 'NotFound',
    }),
  ),
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/machines/{name}',
    people: MANAGE,
    asks: (world) => ({ target: world.at('/machines/nobody') }),
    reaches: 'NotFound',
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/machines/{name}/revocation',
    people: MANAGE,
    asks: (world) => ({ target: world.at('/machines/nobody/revocation') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/machines/{name}/keys',
    variant: 'in no project',
    // It may come to any project later.
    people: { ...ATTACH, inAnyProject: true },
    asks: async (world) => ({ target: world.at(`${await machine(world)}/keys`), body: {} }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/machines/{name}/keys',
    variant: 'in a project',
    // Who holds its key reads what it reads.
    people: ATTACH,
    asks: async (world, project) => ({
      target: world.at(`${await machine(world, project)}/keys`),
      body: {},
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/machines/{name}/keys/{fingerprint}',
    people: MANAGE,
    asks: async (world) => {
      const path = `${await machine(world, INSIDE)}/keys`;
      const { fingerprint } = (await world.prepare('POST', path, {})) as { fingerprint: string };
      return { target: world.at(`${path}/${fingerprint}`) };
    },
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/bootstrap-tokens',
    people: MANAGE,
    asks: (world) => ({ target: world.at('/bootstrap-tokens'), body: {} }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/enrollment-tokens',
    people: ATTACH,
    asks: (world, project) => ({
      target: world.at('/enrollment-tokens'),
      body: {
        name: 'runners',
        access: [{ project, secrets: ['secret'] }],
        lifeSeconds: 3600,
        machineLifeSeconds: 3600,
        maxUses: 3,
      },
    }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/enrollment-tokens',
    people: { cells: ['Machines: View'] },
    asks: (world) => ({ target: world.at('/enrollment-tokens') }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/enrollment-tokens/{tokenId}',
    people: MANAGE,
    asks: (world) => ({ target: world.at('/enrollment-tokens/none') }),
    reaches: 'NotFound',
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/ip-allowlist',
    people: { cells: ['IP allowlist: View'] },
    asks: (world) => ({ target: world.at('/ip-allowlist') }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/ip-allowlist',
    people: { cells: ['IP allowlist: Manage'] },
    asks: (world) => ({ target: world.at('/ip-allowlist'), body: { enabled: false, entries: [] } }),
  },
];
