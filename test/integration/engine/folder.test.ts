import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openWorkspace } from '#cli/gitops/workspace.ts';
import { preview } from '#engine/observe.ts';
import { stepHash } from '#model/digest.ts';
import type { StepRequest } from '#protocol/management.ts';
import { readFolder } from '#source/folder.ts';
import { arbitraryResources } from '#test/builders/arbitrary-resources.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { acceptInvite } from '#test/builders/vault.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';
import { World } from './world.ts';

/** The objects as a folder, one file each. */
function folderOf(objects: readonly { kind: string; metadata: { name: string } }[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-folder-'));
  for (const object of objects) {
    writeFileSync(join(folder, `${object.kind}-${object.metadata.name}.yaml`), stringify(object));
  }
  return folder;
}

/** The hashes of the steps that a pass sent, in order. */
async function sent(world: World, objects: Parameters<World['pass']>[0]): Promise<string[]> {
  const requests: StepRequest[] = [];
  const input = world.input(objects, { keys: false });
  const { provider } = input;
  const spy: typeof provider = Object.create(provider, {
    execute: {
      value: (...[fence, steps, signal]: Parameters<typeof provider.execute>) => {
        requests.push(...steps);
        return provider.execute(fence, steps, signal);
      },
    },
  });
  await world.pass(objects, { ...input, provider: bound(spy, provider) });
  return requests.map(({ action }) => stepHash(world.vault.vaultId, action));
}

/** Private fields need their own object: everything but what the spy has goes to the real one. */
function bound<T extends object>(spy: T, real: T): T {
  return new Proxy(real, {
    get: (target, key) => {
      const own = Object.getOwnPropertyDescriptor(spy, key)?.value;
      const value: unknown = own ?? Reflect.get(target, key, target);
      return typeof value === 'function' && own === undefined ? value.bind(target) : value;
    },
  });
}

/** A member of every organization of these tests, whom the second commit suspends. */
const leaver = (state: 'Active' | 'Suspended') =>
  resource('Member', 'leaver', { email: 'leaver@acme.example', state });

const arbitraryFreeze = fc.constantFrom(
  null,
  { by: 'owner', reason: 'incident', all: false },
  { by: 'owner', reason: 'incident', all: true },
);

test('what is planned for a folder is what a pass then does with the same objects, in a frozen vault too (rail 12)', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryResources,
      arbitraryResources,
      arbitraryFreeze,
      async (first, second, freeze) => {
        const [before, after] = [
          [...first, leaver('Active')],
          [...second, leaver('Suspended')],
        ];
        await using world = await World.start();
        const { vault } = world;
        await world.pass(before, world.input(before, { keys: false }));
        for (const { email, state } of (await vault.snapshot()).members)
          if (state === 'Invited') await acceptInvite(vault, email);
        await vault.context.act(vault.vaultId, vault.owner, (act) => setFreeze(act, freeze));
        const folder = folderOf([organizationResource(), ...after]);
        try {
          const { desired, findings } = await openWorkspace(folder, { output: 'text', namespace: 'acme' });
          const { plan } = await preview({ ...world.input(after), desired, findings });
          const runs = plan.runnable.filter(({ executor }) => executor === 'engine');
          expect(await sent(world, after)).toEqual(runs.map(({ hash }) => hash));
          const kinds = [...new Set(runs.map(({ action }) => action.kind))];
          if (freeze !== null) expect(kinds).toEqual(freeze.all ? [] : ['SuspendMember']);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('what is planned for the example is what a pass then does with the same objects', async () => {
  await using world = await World.start();
  const { objects } = await readFolder('examples/acme');
  const resources = objects.map(({ object }) => object);
  const { desired, findings } = await openWorkspace('examples/acme', { output: 'text', namespace: 'acme' });
  const input = world.input(resources);
  await world.approveRails(input.organization);
  const { plan } = await preview({ ...input, desired, findings });
  const printed = plan.runnable.filter(({ executor }) => executor === 'engine').map(({ hash }) => hash);
  expect(printed.length).toBeGreaterThan(10);
  expect(await sent(world, resources)).toEqual(printed);
});
