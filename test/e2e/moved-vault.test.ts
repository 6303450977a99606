import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import { PLAN_APPROVALS } from '#controllers/resources.ts';
import { organizationFields } from '#engine/declared-fields.ts';
import { EVENTS, type Secret } from '#kube/kube.ts';
import type { TestVault } from '#test/builders/vault.ts';
import { eventually } from './world/cluster.ts';
import {
  connectBy,
  openOrganization,
  operatorOf,
  restoredAt,
  stateOf,
  textsOf,
  vaultAt,
} from './world/moving-vault.ts';
import { Readers } from './world/readers.ts';
import type { Routes } from './world/reading-process.ts';
import { untilReady, untilSays } from './world/team.ts';

const BEFORE = 'https://before.vault.test';
const AFTER = 'https://after.vault.test';

type World = Awaited<ReturnType<typeof openOrganization>>;

const leaveFor = ({ cluster }: World, { vaultId }: TestVault): AllowedMove => ({
  organization: `${cluster.namespace}/acme`,
  url: AFTER,
  vaultId,
});

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

/** A process by the identities of before, and one by what is mounted. */
function readersOf({ cluster, names }: World, before: readonly Secret[], routes: Routes): Readers {
  const readers = new Readers(cluster.namespace, routes);
  readers.start(
    'by the old identity',
    before.map((secret) => ({ files: textsOf(secret) })),
  );
  readers.start(
    'by what is mounted',
    names.map((name) => ({ secret: `${name}-key` })),
  );
  return readers;
}

/** Ends them once each was answered: by the old identity at the old name, by what is mounted at the old one and the new. */
async function untilAllRead(readers: Readers): Promise<void> {
  const all = [
    'by the old identity at before.vault.test',
    'by what is mounted at after.vault.test',
    'by what is mounted at before.vault.test',
  ];
  const answered = () => [...readers.answered.keys()].sort();
  await eventually(
    'each to be answered',
    () => isDeepStrictEqual(answered(), all) || readers.failed.length > 0 || undefined,
    { explain: async () => [answered(), readers.failed] },
  );
  await readers.end();
  expect(readers.failed).toEqual([]);
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
  const { port } = vault.server;
  const readers = readersOf(world, before, { 'before.vault.test': port, 'after.vault.test': port });

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

  const third = await operatorOf(cluster, vault, [leaveFor(world, vault)]);
  await untilMoved(world, AFTER, vault.vaultId, () => [third.log, readers.failed]);
  const after = await keysOf(world);
  await untilAllRead(readers);
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
  const readers = readersOf(world, before, ports);
  const there = await stateOf(vault, BEFORE);

  await first.stop();
  await connectBy(cluster, other, AFTER);
  const refused = await operatorOf(cluster, other);
  await untilSays(cluster, 'Organization/acme', 'Stalled=True/VaultMoved', refused);
  await refused.stop();
  expect(refused.vault).toEqual([]);

  const second = await operatorOf(cluster, other, [leaveFor(world, other)]);
  await untilMoved(world, AFTER, other.vaultId, () => [second.log, readers.failed]);
  const after = await keysOf(world);
  await untilAllRead(readers);
  expect(new Set([...privateKeys(before), ...privateKeys(after)]).size).toBe(100);
  expect((await stateOf(other, AFTER)).machines.map(({ keys }) => keys.length)).toEqual(names.map(() => 1));
  expect((await stateOf(vault, BEFORE)).machines).toEqual(there.machines);
});

it('a vault that was restored elsewhere under a new host name: observed until a person accepts it, then a key beside each (V4, A3)', async () => {
  const world = await openOrganization(50, { rails: { approvers: { users: ['alice@acme.example'] } } });
  const { cluster, names, organization } = world;
  const { namespace } = cluster;
  const vault = await vaultAt(BEFORE);
  const { rails } = organizationFields(organization);
  await vault.approved([{ kind: 'ApplySettings', key: vault.vaultId, before: null, after: rails }]);
  await connectBy(cluster, vault, BEFORE);
  const first = await operatorOf(cluster, vault);
  await world.declare();
  await untilReady(cluster, first);
  const before = await keysOf(world);
  const readers = readersOf(world, before, { 'before.vault.test': vault.server.port });
  await first.stop();

  const restored = await restoredAt(vault, AFTER, BEFORE);
  expect(restored.vaultId).toBe(vault.vaultId);
  const { port } = restored.server;
  await readers.lead({ 'before.vault.test': port, 'after.vault.test': port });
  await vault.server.stop();
  const versions = await world.versions();
  await connectBy(cluster, restored, AFTER);
  const refused = await operatorOf(cluster, restored);
  await untilSays(cluster, 'Organization/acme', 'Stalled=True/VaultMoved', refused);
  await refused.stop();
  expect(refused.vault).toEqual([]);

  const second = await operatorOf(cluster, restored, [leaveFor(world, restored)]);
  const said = await untilSays(cluster, 'Organization/acme', 'Stalled=True/VaultRolledBack', second);
  expect(await world.versions()).toEqual(versions);
  const digest = /digest: "([0-9a-f]{64})"/.exec(said)?.[1] ?? '';
  const alice = await cluster.person('alice@acme.example');
  const reason = 'restored elsewhere';
  await alice.create(PLAN_APPROVALS, {
    metadata: { namespace, generateName: 'approve-' } as never,
    spec: { organizationRef: { name: 'acme' }, digest, approver: 'alice@acme.example', reason },
  });
  await untilMoved(world, AFTER, vault.vaultId, () => [second.log, readers.failed]);
  const after = await keysOf(world);
  await untilAllRead(readers);
  expect(new Set([...privateKeys(before), ...privateKeys(after)]).size).toBe(100);
  const { machines, gains } = await stateOf(restored, AFTER);
  expect(machines.map(({ keys }) => keys.length)).toEqual(names.map(() => 2));
  expect(gains.given.filter((given) => given.class === 'unprovenKeys')).toEqual([]);
});
