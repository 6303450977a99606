/** Groups (G1, G2). O4: "groups and grants" are in the baseline of admins, and no cell of the matrix gives them. */
import { OWNER } from '#test/builders/vault.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const ADMINS = { role: 'Admin' } as const;
/** Whom a group lists and what it gives them is about members. */
const SEES_MEMBERS = { cells: ['Organization: View members'] } as const;

/** The name of a new group that lists the owner and gives Read in the project, if one is named. */
async function group(world: World, project?: string): Promise<string> {
  const name = world.newName();
  await world.prepare('POST', '/groups', { name });
  await world.prepare('POST', `/groups/${name}/members`, { emails: [OWNER] });
  if (project !== undefined) {
    await world.prepare('PUT', `/groups/${name}/grants/${project}`, { access: 'Read' });
  }
  return name;
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/groups',
    people: SEES_MEMBERS,
    asks: (world) => ({ target: world.at('/groups') }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/groups/{name}/members',
    people: SEES_MEMBERS,
    asks: async (world) => ({ target: world.at(`/groups/${await group(world)}/members`) }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/groups',
    people: ADMINS,
    asks: (world) => ({ target: world.at('/groups'), body: { name: world.newName() } }),
  },
  {
    route: 'PATCH /api/v1/vaults/{vaultId}/groups/{name}',
    people: ADMINS,
    asks: async (world) => ({
      target: world.at(`/groups/${await group(world)}`),
      body: { name: world.newName() },
    }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/groups/{name}/duplicate',
    people: ADMINS,
    asks: async (world, project) => ({
      target: world.at(`/groups/${await group(world, project)}/duplicate`),
      body: { name: world.newName() },
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/groups/{name}',
    people: ADMINS,
    asks: async (world, project) => ({ target: world.at(`/groups/${await group(world, project)}`) }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/groups/{name}/members',
    people: ADMINS,
    asks: async (world, project) => {
      const name = await group(world, project);
      await world.prepare('DELETE', `/groups/${name}/members/${OWNER}`);
      return { target: world.at(`/groups/${name}/members`), body: { emails: [OWNER] } };
    },
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/groups/{name}/members/{email}',
    people: ADMINS,
    asks: async (world, project) => ({
      target: world.at(`/groups/${await group(world, project)}/members/${OWNER}`),
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/groups/{name}/grants/{project}',
    people: ADMINS,
    asks: async (world, project) => ({
      target: world.at(`/groups/${await group(world)}/grants/${project}`),
      body: { access: 'Write' },
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/groups/{name}/grants/{project}',
    people: ADMINS,
    asks: async (world, project) => ({
      target: world.at(`/groups/${await group(world, project)}/grants/${project}`),
    }),
  },
];
