import { expect, it } from 'vitest';
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { KEY_TIMES } from '#controllers/machinebinding/key/other-keys.ts';
import { MACHINE_BINDINGS } from '#controllers/resources.ts';
import { EVENTS, SECRETS } from '#kube/kube.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { eventually, type TestCluster } from './world/cluster.ts';
import { textsOf } from './world/moving-vault.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareBinding, openTeam, type Team, untilReady, untilSays } from './world/team.ts';

type Key = Omit<Spec<'MachineBinding'>['key'], 'secretName'>;

const BINDING = 'MachineBinding/api';

interface World extends Team {
  /** Declares the key otherwise. */
  readonly key: (key: Key) => Promise<void>;
  /** A client that reads the mounted key now and keeps it, as an SDK in a pod that starts. */
  readonly start: () => Promise<MachineClient>;
  readonly mounted: () => Promise<string>;
  /** Fingerprints that the vault accepts. */
  readonly keys: () => Promise<readonly string[]>;
  readonly log: readonly string[];
}

async function open(key: Key, times = KEY_TIMES): Promise<World> {
  const team = await openTeam([]);
  const { cluster, vault } = team;
  const operator = await startOperator(cluster, { keyTimes: times });
  await declare(team, []);
  const declared = (some: Key) => declareBinding(cluster, 'api', { key: { secretName: 'api-key', ...some } });
  await declared(key);
  await untilReady(cluster, operator);
  const files = async () =>
    textsOf(await cluster.admin.get(SECRETS, { namespace: cluster.namespace, name: 'api-key' }));
  return {
    ...team,
    key: declared,
    start: async () => MachineClient.fromFiles(await files()),
    mounted: async () => {
      const { status } = await cluster.read('MachineBinding', 'api');
      return status?.fingerprint ?? '';
    },
    keys: async () => {
      const { machines } = await vault.observe();
      return machines.flatMap((machine) => machine.keys.map(({ fingerprint }) => fingerprint));
    },
    log: operator.log,
  };
}

const reads = async (client: MachineClient): Promise<boolean> => {
  const { status } = await client.send('GET', '/v1/secrets');
  return status === 200;
};

async function untilMounted({ cluster, log }: World, before: string): Promise<string> {
  return eventually(
    'another key to be mounted',
    async () => {
      const { status } = await cluster.read('MachineBinding', 'api');
      const fingerprint = status?.fingerprint;
      return fingerprint === undefined || fingerprint === before ? undefined : fingerprint;
    },
    { explain: async () => [await cluster.read('MachineBinding', 'api'), log] },
  );
}

async function untilKeys(world: World, expected: readonly string[], seconds = 30): Promise<void> {
  const wanted = [...expected].sort().join();
  await eventually(
    `the vault to accept ${expected.length} keys`,
    async () => ([...(await world.keys())].sort().join() === wanted ? true : undefined),
    { seconds, explain: async () => [await world.cluster.read('MachineBinding', 'api'), world.log] },
  );
}

/** Says of each time that Ready was seen as anything but True. */
async function readyOf({ admin, namespace }: TestCluster): Promise<string | undefined> {
  const { status } = await admin.get(MACHINE_BINDINGS, { namespace, name: 'api' });
  const { conditions } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions?.find(({ type }) => type === 'Ready')?.status;
}

it('a client that is not restarted keeps its old key: it is told of, the next rotation waits, and a restart lets it go', async () => {
  const world = await open({ overlap: '2s', epoch: 1 }, { ...KEY_TIMES, told: 3_000 });
  const first = await world.mounted();
  const client = await world.start();
  let isOver = false;
  const seen = new Set<string | undefined>();
  const failed: number[] = [];
  const reading = (async () => {
    for (let read = 0; !isOver; read += 1) {
      if (!(await reads(client))) failed.push(read);
      seen.add(await readyOf(world.cluster));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();

  await world.key({ overlap: '2s', epoch: 2 });
  const second = await untilMounted(world, first);
  const inUse = await untilSays(world.cluster, BINDING, 'OldKeyInUse=True/OldKeyInUse');
  expect(inUse).toContain(first);
  expect(inUse).toMatch(/from (127\.0\.0\.1|::1)/);
  await world.key({ overlap: '2s', epoch: 3 });
  const blocked = await untilSays(world.cluster, BINDING, 'RotationBlocked=True/RotationBlocked');
  expect(blocked).toContain(first);
  await untilSays(world.cluster, BINDING, 'Ready=True/RotationBlocked');
  await untilKeys(world, [first, second]);
  const { items } = await world.cluster.admin.list(EVENTS, { namespace: world.cluster.namespace });
  const told = items.map(({ reason }) => reason);
  expect(told).toContain('OldKeyInUse');
  expect(told).toContain('RotationBlocked');

  // The pod is restarted: it reads by what is mounted.
  isOver = true;
  await reading;
  expect(failed).toEqual([]);
  expect(await reads(await world.start())).toBe(true);
  const third = await untilMounted(world, second);
  await untilKeys(world, [third]);
  expect(await reads(await world.start())).toBe(true);
  expect([...seen]).toEqual(['True']);
  await eventually('nothing more to be told', async () => {
    const { status } = await world.cluster.read('MachineBinding', 'api');
    const types = status?.conditions?.map(({ type }) => type) ?? [];
    return types.includes('OldKeyInUse') || types.includes('RotationBlocked') ? undefined : true;
  });
}, 120_000);

it('a key rotates by time, and a client that starts anew meanwhile never fails', async () => {
  const world = await open({ overlap: '1s', rotateEvery: '4s' });
  const first = await world.mounted();
  const second = await untilMounted(world, first);
  expect(await reads(await world.start())).toBe(true);
  const third = await untilMounted(world, second);
  expect(new Set([first, second, third]).size).toBe(3);
  expect(await reads(await world.start())).toBe(true);
  await eventually('the first key to be gone', async () =>
    (await world.keys()).includes(first) ? undefined : true,
  );
}, 90_000);

it('a compromised key is followed at once and refused from then on, and it happens once', async () => {
  const world = await open({});
  const first = await world.mounted();
  const client = await world.start();
  expect(await reads(client)).toBe(true);
  await world.key({ compromised: [first] });
  const second = await untilMounted(world, first);
  await untilKeys(world, [second]);
  expect(await reads(client)).toBe(false);
  expect(await reads(await world.start())).toBe(true);
  await untilSays(world.cluster, BINDING, 'Ready=True/Succeeded');
  expect(await world.mounted()).toBe(second);
}, 90_000);

it('a key Secret that is deleted twice comes back by itself, and what is left is told of until it is gone', async () => {
  const world = await open({ overlap: '6s' }, { ...KEY_TIMES, lost: 2_000 });
  const { admin, namespace } = world.cluster;
  const first = await world.mounted();
  await admin.delete(SECRETS, { namespace, name: 'api-key' });
  const second = await untilMounted(world, first);
  const unheld = await untilSays(world.cluster, BINDING, 'UnheldKey=True/UnheldKey');
  expect(unheld).toContain(`seneschal vault machine revoke-key api ${first}`);
  expect(await reads(await world.start())).toBe(true);
  await admin.delete(SECRETS, { namespace, name: 'api-key' });
  const third = await untilMounted(world, second);
  expect(await reads(await world.start())).toBe(true);
  await untilKeys(world, [third]);
  await untilSays(world.cluster, BINDING, 'Ready=True/Succeeded');
}, 90_000);
