import { expect, it } from 'vitest';
import { EVENTS, type Secret } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import {
  connectBy,
  openOrganization,
  operatorOf,
  Readers,
  stateOf,
  textsOf,
  vaultAt,
} from './world/moving-vault.ts';
import { untilReady, untilSays } from './world/team.ts';

const BEFORE = 'https://before.vault.test';
const AFTER = 'https://after.vault.test';

type World = Awaited<ReturnType<typeof openOrganization>>;

const keysOf = ({ names, secret }: World): Promise<Secret[]> =>
  Promise.all(names.map((name) => secret(`${name}-key`)));

/** Until every Secret is of that address, and every object is Ready. */
async function untilMoved(world: World, url: string, vaultId: string, explain: () => unknown): Promise<void> {
  const says = ({ metadata }: Secret): string =>
    `${metadata.annotations?.['seneschal.dev/vault-id']} ${metadata.annotations?.['seneschal.dev/vault-url']}`;
  await eventually(
    'every Secret to be of the new address',
    async () => {
      const all = await Promise.all(
        world.names.flatMap((name) => [world.secret(`${name}-key`), world.secret(`${name}-env`)]),
      );
      return all.every((secret) => says(secret) === `${vaultId} ${url}`) || undefined;
    },
    { seconds: 60, explain: async () => explain() },
  );
  await untilReady(world.cluster);
}

const privateKeys = (secrets: readonly Secret[]): string[] =>
  secrets.map((secret) => textsOf(secret)['private.pem'] ?? '');

it('a vault under a new host name: asked nothing until it is allowed, then a key beside each, and no read fails (V4)', async () => {
  const world = await openOrganization(50);
  const { cluster, names } = world;
  const vault = await vaultAt(AFTER, BEFORE);
  await connectBy(cluster, vault, BEFORE);
  const first = await operatorOf(cluster, vault);
  await world.declare();
  await untilReady(cluster, first);
  const before = await keysOf(world);
  const versions = await world.versions();
  const port = vault.server.port;
  const readers = new Readers({ 'before.vault.test': port, 'after.vault.test': port });
  readers.start(
    'by the old identity',
    before.map((secret) => async () => secret),
  );
  readers.start(
    'by what is mounted',
    names.map((name) => () => world.secret(`${name}-key`)),
  );

  await first.stop();
  await connectBy(cluster, vault, AFTER);
  const second = await operatorOf(cluster, vault);
  const flag = `--allow-move ${cluster.namespace}/acme=${AFTER}/${vault.vaultId}`;
  expect(await untilSays(cluster, 'Organization/acme', 'Stalled=True/VaultMoved', second)).toContain(flag);
  expect(await untilSays(cluster, 'Organization/acme', 'Connected=False/VaultMoved')).toContain(BEFORE);
  await second.stop();
  expect(second.vault).toEqual([]);
  const again = await operatorOf(cluster, vault);
  await eventually('it to look again', () => again.log.find((line) => line.includes('VaultMoved')));
  await again.stop();
  const { items } = await cluster.admin.list(EVENTS, { namespace: cluster.namespace });
  expect(items.filter(({ reason }) => reason === 'VaultMoved')).toHaveLength(1);
  expect(await world.versions()).toEqual(versions);

  const third = await operatorOf(cluster, vault, [{ organization: `${cluster.namespace}/acme`, url: AFTER }]);
  await untilMoved(world, AFTER, vault.vaultId, () => [third.log, readers.failed]);
  const after = await keysOf(world);
  await readers.end();
  expect(readers.failed).toEqual([]);
  expect([...readers.answered.keys()].sort()).toEqual(['by the old identity', 'by what is mounted']);
  expect(after.map((secret) => textsOf(secret)['api-url'])).toEqual(names.map(() => AFTER));
  expect(new Set([...privateKeys(before), ...privateKeys(after)]).size).toBe(100);
  const { machines, gains } = await stateOf(vault, AFTER);
  expect(machines.map(({ keys }) => keys.length)).toEqual(names.map(() => 2));
  expect(gains.given.filter((given) => given.class === 'unprovenKeys')).toEqual([]);

  // The leave is needed no more once it has moved.
  await third.stop();
  const fourth = await operatorOf(cluster, vault);
  await eventually('the vault to be observed', () =>
    fourth.vault.find((route) => route.startsWith('GET /snapshot')),
  );
  await untilReady(cluster, fourth);
});

it('another vault: new machines with new keys, and the old identity reads on at the old one (V4)', async () => {
  const world = await openOrganization(50);
  const { cluster, names } = world;
  const vault = await vaultAt(BEFORE);
  const other = await vaultAt(AFTER);
  await connectBy(cluster, vault, BEFORE);
  const first = await operatorOf(cluster, vault);
  await world.declare();
  await untilReady(cluster, first);
  const before = await keysOf(world);
  const ports = { 'before.vault.test': vault.server.port, 'after.vault.test': other.server.port };
  const readers = new Readers(ports);
  readers.start(
    'by the old identity',
    before.map((secret) => async () => secret),
  );
  readers.start(
    'by what is mounted',
    names.map((name) => () => world.secret(`${name}-key`)),
  );
  const there = await stateOf(vault, BEFORE);

  await first.stop();
  await connectBy(cluster, other, AFTER);
  const refused = await operatorOf(cluster, other);
  await untilSays(cluster, 'Organization/acme', 'Stalled=True/VaultMoved', refused);
  await refused.stop();
  expect(refused.vault).toEqual([]);

  const second = await operatorOf(cluster, other, [
    { organization: `${cluster.namespace}/acme`, url: AFTER },
  ]);
  await untilMoved(world, AFTER, other.vaultId, () => [second.log, readers.failed]);
  const after = await keysOf(world);
  await readers.end();
  expect(readers.failed).toEqual([]);
  expect([...readers.answered.keys()].sort()).toEqual(['by the old identity', 'by what is mounted']);
  expect(new Set([...privateKeys(before), ...privateKeys(after)]).size).toBe(100);
  expect((await stateOf(other, AFTER)).machines.map(({ keys }) => keys.length)).toEqual(names.map(() => 1));
  expect((await stateOf(vault, BEFORE)).machines).toEqual(there.machines);
});
