import { expect, test } from 'vitest';
import { MACHINE_BINDINGS } from '#controllers/resources.ts';
import { SECRETS, type Secret } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { readyWorld, runningWorld } from './ready-world.ts';
import { copyOf, deletionEvents } from './secret-copies.ts';
import type { World } from './world.ts';

async function told(world: World, name: string): Promise<void> {
  await until(`it is told that Secret ${name} was left`, async () =>
    (await deletionEvents(world)).some(
      ({ type, note }) => type === 'Warning' && note.startsWith(`Secret ${name} is not deleted`),
    ),
  );
}

const untouched = async (world: World, secret: Secret) =>
  expect((await world.secret(secret.metadata.name))?.metadata.resourceVersion).toBe(
    secret.metadata.resourceVersion,
  );

test.each(['api-identity', 'api-values'])(
  'a renamed copy of Secret %s, marks and all, survives a start of the operator and is told of',
  async (name) => {
    const { world, end } = await runningWorld();
    await end();
    const copy = await copyOf(world, name, { name: `backup-${name}` });
    await world.startOperator();
    world.publish();
    await told(world, copy.metadata.name);
    await untouched(world, copy);
    expect(world.vault.registered).toHaveLength(1);
    expect(await world.isReady('api')).toBe(true);
  },
);

test("somebody else's Secret with labels that they copied survives, and is told of", async () => {
  const world = await readyWorld();
  const ours = await world.secret('api-values');
  const payroll = await world.admin.create(SECRETS, {
    metadata: {
      name: 'payroll',
      namespace: world.namespace,
      labels: ours?.metadata.labels ?? {},
      annotations: { 'seneschal.dev/binding': 'api', 'seneschal.dev/machine-name': 'api' },
    },
    data: { wages: Buffer.from('theirs').toString('base64') },
  });
  await told(world, 'payroll');
  await untouched(world, payroll);
});

test('a copy outlives the withdrawal of its machine, and each Secret that goes is told of', async () => {
  const world = await readyWorld();
  const copy = await copyOf(world, 'api-values', { name: 'copy-of-api-values' });
  await told(world, copy.metadata.name);
  await world.deleteBinding('api');
  world.vault.machines.delete('api');
  world.vault.revision += 1;
  world.publish();
  const goes = ['api-identity', 'api-values'];
  await until('both are told of', async () => {
    const gone = (await deletionEvents(world)).flatMap(
      ({ note }) => /^Secrets (.+) were deleted/.exec(note)?.[1]?.split(', ') ?? [],
    );
    return goes.every((name) => gone.includes(name));
  });
  expect(await Promise.all(goes.map((name) => world.secret(name)))).toEqual([undefined, undefined]);
  await untouched(world, copy);
});

test('a target that somebody changed and the spec has no more is told of and not deleted', async () => {
  const { world, end } = await runningWorld();
  await end();
  const { admin, namespace } = world;
  const patch = { data: { theirs: Buffer.from('added').toString('base64') } };
  const edited = await admin.patch<Secret>(SECRETS, { namespace, name: 'api-values' }, patch, {
    fieldManager: 'kubectl-edit',
  });
  await admin.patch(MACHINE_BINDINGS, { namespace, name: 'api' }, { spec: { targets: [] } });
  await world.startOperator();
  world.publish();
  await told(world, 'api-values');
  await untouched(world, edited);
});
