import { expect, test } from 'vitest';
import { MACHINE_BINDINGS } from '#controllers/resources.ts';
import { EVENTS, type Secret } from '#kube/kube.ts';
import { until } from '#test/fakes/kube-until.ts';
import { runningWorld } from './ready-world.ts';
import { textOf, VAULT_ID, type World } from './world.ts';

const NAMES = ['api-identity', 'api-values'] as const;
const ELSEWHERE = 'https://elsewhere.test';

const secretsOf = (world: World) => Promise.all(NAMES.map((name) => world.secret(name)));
const versions = async (world: World) =>
  (await secretsOf(world)).map((secret) => secret?.metadata.resourceVersion ?? 'gone');
const keyIn = (secret: Secret | undefined) => textOf(secret, 'private.pem');

/** The binding `api` is ready; then the vault has another address, and a new operator runs. */
async function movedWorld(
  mayMove: boolean,
  killAtWrite?: number,
  vaultId = VAULT_ID,
  meanwhile: (world: World) => Promise<void> = async () => {},
) {
  const { world, end } = await runningWorld();
  await end();
  const before = await secretsOf(world);
  await meanwhile(world);
  Object.assign(world.vault.provider, { address: { url: ELSEWHERE, vaultId } });
  world.mayMove = mayMove;
  const stop = await world.startOperator(killAtWrite === undefined ? {} : { killAtWrite });
  return { world, stop, before };
}

const isMoved = async (world: World) => {
  const [identity, values] = await secretsOf(world);
  return (
    textOf(identity, 'api-url') === ELSEWHERE &&
    values?.metadata.annotations?.['seneschal.dev/vault-url'] === ELSEWHERE &&
    (await world.secret('api-identity-next')) === undefined &&
    (await world.isReady('api'))
  );
};

test('a binding whose Secrets are of another address uses, rewrites and deletes none of them where nobody allowed the move (V4)', async () => {
  const { world, before } = await movedWorld(false);
  const syncs = world.vault.syncs.length;
  world.publish();
  await until('it is stalled', async () => {
    const stalled = await world.condition('api', 'Stalled');
    return stalled?.status === 'True' && stalled.reason === 'VaultMoved';
  });
  const { message } = (await world.condition('api', 'Stalled')) ?? {};
  expect(message).toContain('http://localhost:8200');
  expect(message).toContain(`--allow-move ${world.namespace}/acme=${ELSEWHERE}/${VAULT_ID}`);
  expect(await versions(world)).toEqual(before.map((secret) => secret?.metadata.resourceVersion));
  expect(world.vault.syncs.length).toBe(syncs);
  expect(world.vault.registered).toHaveLength(1);
});

test('where the move is allowed another key is registered beside the one that was, and takes its place with the new url (V4)', async () => {
  const { world, before } = await movedWorld(true);
  world.publish();
  await until('it has moved', () => isMoved(world));
  const [identity, values] = await secretsOf(world);
  expect(keyIn(identity)).not.toBe(keyIn(before[0]));
  expect(world.vault.machines.get('api')?.keys).toEqual(world.vault.registered);
  expect(world.vault.registered).toHaveLength(2);
  expect(values?.metadata.uid).toBe(before[1]?.metadata.uid);
  expect(textOf(values, 'password')).toBe('first');
  await until('it is told of', async () => {
    const { items } = await world.admin.list(EVENTS, { namespace: world.namespace });
    return items.some(
      ({ note }) => note?.includes('in the place of one for') && note.includes('localhost:8200'),
    );
  });
});

test('the key beside is offered with the proof of the one that was', async () => {
  const { world, before } = await movedWorld(true);
  const key = before[0]?.metadata.annotations?.['seneschal.dev/public-key'];
  let proofs = 0;
  world.keys.onChange((namespace, name) => {
    const offer = world.keys.keyOf(namespace, name, world.vault.provider.address);
    if (offer?.proof !== undefined && offer.publicKey !== key) proofs += 1;
  });
  world.publish();
  await until('it has moved', () => isMoved(world));
  expect(proofs).toBe(1);
});

test.each([1, 2, 3, 4])(
  'killed after write %i, a move is finished by the next process, and no key has two addresses',
  async (writes) => {
    const { world, stop, before } = await movedWorld(true, writes);
    world.publish();
    const isElsewhere = async (name: string) =>
      (await world.secret(name))?.metadata.annotations?.['seneschal.dev/vault-url'] === ELSEWHERE;
    await until('it is killed', async () => {
      const staged = await world.secret('api-identity-next');
      if (writes === 1) return staged !== undefined;
      if (!(await isElsewhere('api-identity'))) return false;
      return writes === 2 || (staged === undefined && (writes === 3 || isElsewhere('api-values')));
    });
    await stop();
    const [identity] = await secretsOf(world);
    const isOldKey = keyIn(identity) === keyIn(before[0]);
    expect(isOldKey).toBe(textOf(identity, 'api-url') !== ELSEWHERE);
    world.restarted();
    await world.startOperator();
    world.publish();
    await until('it has moved', () => isMoved(world));
    expect(world.vault.registered).toHaveLength(2);
  },
);

test('a key that was staged for the address before is never registered at the new one', async () => {
  const { world, end } = await runningWorld();
  await end();
  await world.createBinding('late');
  const stopAfterStaging = await world.startOperator({ killAtWrite: 1 });
  world.publish();
  await until('a key is staged', async () => (await world.secret('late-identity-next')) !== undefined);
  await stopAfterStaging();
  const staged = (await world.secret('late-identity-next'))?.metadata.annotations?.[
    'seneschal.dev/public-key'
  ];
  world.restarted();
  const { vaultId } = world.vault.provider.address;
  Object.assign(world.vault.provider, { address: { url: ELSEWHERE, vaultId } });
  world.mayMove = true;
  await world.startOperator();
  world.publish();
  await until('it is ready', () => world.isReady('late'));
  const identity = await world.secret('late-identity');
  expect(textOf(identity, 'api-url')).toBe(ELSEWHERE);
  expect(identity?.metadata.annotations?.['seneschal.dev/public-key']).not.toBe(staged);
});

test('a target that was taken out of the spec meanwhile goes after the move, by the seal of the address before', async () => {
  const { world } = await movedWorld(true, undefined, VAULT_ID, async ({ admin, namespace }) => {
    await admin.patch(MACHINE_BINDINGS, { namespace, name: 'api' }, { spec: { targets: [] } });
  });
  world.publish();
  await until('the target is gone', async () => (await world.secret('api-values')) === undefined);
  expect(textOf(await world.secret('api-identity'), 'api-url')).toBe(ELSEWHERE);
});

/** The binding is gone, and so is its machine where the vault is now. */
const withdrawn = async (world: World): Promise<void> => {
  await world.deleteBinding('api');
  world.vault.machines.delete('api');
  world.vault.revision += 1;
};

test('what a binding left behind goes after a move of its vault, once the vault has withdrawn the machine', async () => {
  const { world } = await movedWorld(true, undefined, VAULT_ID, withdrawn);
  world.publish();
  await until('the Secrets are gone', async () => {
    return (await secretsOf(world)).every((secret) => secret === undefined);
  });
});

test('what a binding left behind of another vault stays and is told of: that vault may have the machine still', async () => {
  const { world, before } = await movedWorld(true, undefined, 'vault_BBBBBBBBBBBBBBBB', withdrawn);
  world.publish();
  for (const name of NAMES)
    await until(`Secret ${name} is told of`, async () => {
      const { items } = await world.admin.list(EVENTS, { namespace: world.namespace });
      return items.some(({ note }) => note?.startsWith(`Secret ${name} is not deleted`) === true);
    });
  expect(await versions(world)).toEqual(before.map((secret) => secret?.metadata.resourceVersion));
});
