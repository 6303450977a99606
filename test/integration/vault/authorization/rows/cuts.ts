/** Cuts that stand, and which of them are final (rail 7). */
import { newKeyPair } from '#identity/key-pair.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

const FINAL = '/api/v1/vaults/{vaultId}/cuts/{entry}/final';

/** The path of the cut of this thing, which was cut once. */
async function cutOf(world: World, key: string): Promise<string> {
  const { cuts } = (await world.prepare('GET', '/cuts?limit=500')) as {
    cuts: { key: string; entry: string }[];
  };
  return `/cuts/${cuts.find((cut) => cut.key === key)?.entry}/final`;
}

async function disabledMachine(world: World): Promise<string> {
  const name = world.newName();
  await world.prepare('POST', '/machines', { name, publicKey: newKeyPair().publicKey.text });
  await world.prepare('POST', `/machines/${name}/disable`);
  return cutOf(world, name);
}

async function machineWithout(world: World, project: string): Promise<string> {
  const [name, access] = [world.newName(), [{ project, secrets: ['secret'] }]];
  await world.prepare('POST', '/machines', { name, publicKey: newKeyPair().publicKey.text, access });
  await world.prepare('PUT', `/machines/${name}/access`, { access: [] });
  return cutOf(world, name);
}

async function takenGrant(world: World, project: string): Promise<string> {
  const email = `${world.newName()}@acme.example`;
  await world.prepare('POST', '/invites', { emails: [email], grants: [{ project, access: 'Read' }] });
  await world.prepare('DELETE', `/members/${email}/grants/${project}`);
  return cutOf(world, email);
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/cuts',
    people: { role: 'Admin' },
    asks: (world) => ({ target: world.at('/cuts') }),
  },
  {
    route: `PUT ${FINAL}`,
    variant: 'of a machine that was disabled',
    people: { cells: ['Machines: Manage'] },
    asks: async (world) => ({ target: world.at(await disabledMachine(world)) }),
  },
  {
    route: `PUT ${FINAL}`,
    variant: 'of what a machine read',
    people: { cells: ['Machines: Manage', 'Secrets: Manage'] },
    asks: async (world, project) => ({ target: world.at(await machineWithout(world, project)) }),
  },
  {
    route: `PUT ${FINAL}`,
    variant: 'of a grant of a member',
    people: { role: 'Admin' },
    asks: async (world, project) => ({ target: world.at(await takenGrant(world, project)) }),
  },
  {
    route: `DELETE ${FINAL}`,
    variant: 'of a grant of a member',
    people: { role: 'Admin' },
    asks: async (world, project) => ({ target: world.at(await takenGrant(world, project)) }),
  },
  {
    // Admins of the table hold no cell of machines, and who holds it is no admin.
    route: `DELETE ${FINAL}`,
    variant: 'of a machine that was disabled',
    people: { role: 'Owner' },
    asks: async (world) => ({ target: world.at(await disabledMachine(world)) }),
  },
];
