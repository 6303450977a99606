import { newKeyPair } from '#identity/key-pair.ts';
import { INSIDE } from '../oracle.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

async function projectId({ vault }: World): Promise<string> {
  const row = await vault.context.reader
    .selectFrom('projects')
    .select('id')
    .where('name', '=', INSIDE)
    .executeTakeFirstOrThrow();
  return row.id;
}

async function made(world: World, path: string, body: object): Promise<string> {
  const answer = await world.actor('owner').ask('POST', world.at(path), body);
  return (answer.body as { token: string }).token;
}

const bootstrapToken = (world: World): Promise<string> => made(world, '/bootstrap-tokens', {});
const enrollmentToken = (world: World): Promise<string> =>
  made(world, '/enrollment-tokens', {
    name: 'runners',
    access: [{ project: INSIDE, secrets: ['secret'] }],
    lifeSeconds: 3600,
    machineLifeSeconds: 3600,
    maxUses: 1,
  });

export const rows: readonly Row[] = [
  ...(['GET /v1/secrets', 'GET /v1/cli/projects', 'GET /v1/cli/secrets'] as const).map(
    (route): Row => ({ route, machine: 'signed', asks: () => ({ target: route.split(' ')[1] ?? '' }) }),
  ),
  {
    route: 'GET /v1/secret/{id}',
    machine: 'signed',
    asks: (world) => ({ target: `/v1/secret/${world.secretIds[INSIDE]}` }),
  },
  {
    route: 'POST /v1/secrets/list',
    machine: 'signed',
    asks: async (world) => ({ target: '/v1/secrets/list', body: { projectId: await projectId(world) } }),
  },
  {
    route: 'POST /v1/secrets/export',
    machine: 'signed',
    asks: async (world) => ({ target: '/v1/secrets/export', body: { projectId: await projectId(world) } }),
  },
  {
    route: 'POST /v1/secrets/poll',
    machine: 'signed',
    asks: (world) => ({ target: '/v1/secrets/poll', body: { watch: [world.secretIds[INSIDE]] } }),
  },
  {
    route: 'POST /v1/verify-access',
    machine: 'signed',
    asks: async (world) => ({ target: '/v1/verify-access', body: { projectId: await projectId(world) } }),
  },
  {
    route: 'GET /v1/bootstrap/{token}',
    machine: 'token',
    asks: async (world) => ({ target: `/v1/bootstrap/${await bootstrapToken(world)}` }),
  },
  {
    route: 'GET /v1/bootstrap/{token}/ps',
    machine: 'token',
    asks: async (world) => ({ target: `/v1/bootstrap/${await bootstrapToken(world)}/ps` }),
  },
  {
    route: 'GET /v1/bootstrap/{token}/k8s',
    machine: 'token',
    asks: async (world) => ({ target: `/v1/bootstrap/${await bootstrapToken(world)}/k8s` }),
  },
  {
    route: 'POST /v1/bootstrap/register',
    machine: 'token',
    asks: async (world) => ({
      target: '/v1/bootstrap/register',
      body: {
        token: await bootstrapToken(world),
        publicKey: newKeyPair().publicKey.text,
        hostname: world.newName(),
      },
    }),
  },
  {
    route: 'POST /v1/{vaultId}/enroll/register',
    machine: 'token',
    asks: async (world) => ({
      target: `/v1/${world.vaultId}/enroll/register`,
      body: {
        token: await enrollmentToken(world),
        publicKey: newKeyPair().publicKey.text,
        hostname: world.newName(),
      },
    }),
  },
];
