import { expect, test } from 'vitest';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { owner, type Person } from '../vault/world/people.ts';
import { World } from './world.ts';

const generator = { length: 16, charset: 'Hex' as const };
const binding = resource('MachineBinding', 'api', {
  machineName: 'api',
  key: { secretName: 'api-key' },
  projects: [{ name: 'web', secrets: ['token'] }],
});
const declared = (token: object = {}, more: object = {}) => [
  organizationResource({ rails: { privilegeApproval: 'Always' } }),
  resource('Project', 'web', { secrets: [{ name: 'token', generator, ...token }], ...more }),
  binding,
];

const findings = ({ plan }: Awaited<ReturnType<World['pass']>>) =>
  plan.findings.map(({ reason, subject }) => `${reason} ${subject.key}`);
const secrets = async ({ vault }: World) =>
  (await vault.snapshot()).secrets.map(({ id, name, version }) => ({ id, name, version }));
const reads = async ({ vault }: World) =>
  (await vault.snapshot()).machines.find(({ name }) => name === 'api')?.access;
const cutsOf = async ({ vault }: World) => (await vault.snapshot()).tombstones;

async function began(world: World): Promise<{ boss: Person; at: (path: string) => string }> {
  await world.pass(declared());
  await world.pass(declared());
  const boss = await owner(world.vault);
  return { boss, at: (path) => `/vaults/${world.vault.vaultId}${path}` };
}

/** The pass, its held steps approved, and the passes that follow. */
async function approved(world: World, objects: ReturnType<typeof declared>): Promise<void> {
  const { plan } = await world.pass(objects);
  if (plan.digest !== null) await world.vault.approve(plan.digest);
  await world.pass(objects);
  await world.pass(objects);
}

test('a secret that the owner deleted stays deleted through passes, and comes back with its value by the entry and an approval (rail 7)', async () => {
  await using world = await World.start();
  const { boss, at } = await began(world);
  const before = await secrets(world);
  await boss.ask('DELETE', at('/projects/web/secrets/token?confirm=token'));
  for (let pass = 0; pass < 2; pass += 1) {
    expect(findings(await world.pass(declared()))).toContain('ReinstateNeeded web');
    expect(await secrets(world)).toEqual([]);
  }
  expect((await world.pass(declared())).writes).toBe(0);

  const [cut] = await cutsOf(world);
  const answer = declared({ reinstate: cut?.entry });
  const held = await world.pass(answer);
  expect(held.plan.held.map(({ reason }) => reason)).toEqual(['NeedsApproval']);
  expect(await secrets(world)).toEqual([]);
  await approved(world, answer);
  expect(await secrets(world)).toEqual(before);
  expect(await reads(world)).toEqual([{ project: 'web', secrets: ['token'] }]);
  expect(await cutsOf(world)).toEqual([]);
  expect((await world.pass(answer)).writes).toBe(0);
});

test('what leaked comes back under its id with a new value, which is the next version (rail 7)', async () => {
  await using world = await World.start();
  const { boss, at } = await began(world);
  const [before] = await secrets(world);
  await boss.ask('DELETE', at('/projects/web/secrets/token?confirm=token'));
  const [cut] = await cutsOf(world);
  await approved(world, declared({ reinstate: cut?.entry, reinstateAs: 'NewValue' }));
  expect(await secrets(world)).toEqual([{ ...before, version: 2 }]);
});

test('what was purged comes by NewValue alone', async () => {
  await using world = await World.start();
  const { boss, at } = await began(world);
  const [before] = await secrets(world);
  await boss.ask('DELETE', at('/projects/web/secrets/token?confirm=token'));
  await boss.ask('DELETE', at(`/trash/${before?.id}?confirm=token`));
  const [cut] = await cutsOf(world);
  expect(cut).not.toHaveProperty('trashed');
  await approved(world, declared({ reinstate: cut?.entry }));
  expect(await secrets(world)).toEqual([]);
  await approved(world, declared({ reinstate: cut?.entry, reinstateAs: 'NewValue' }));
  expect(await secrets(world)).toMatchObject([{ name: 'token', version: 1 }]);
});

test('a project that the owner deleted comes back as it was, with the secrets that went with it, by its entry (rail 7)', async () => {
  await using world = await World.start();
  const { boss, at } = await began(world);
  const before = await secrets(world);
  const { projects } = await world.vault.snapshot();
  await boss.ask('DELETE', at('/projects/web?confirm=web'));
  expect(findings(await world.pass(declared()))).toContain('ReinstateNeeded web');
  expect(await secrets(world)).toEqual([]);

  const cut = (await cutsOf(world)).find(({ act }) => act === 'ProjectDeleted');
  await approved(world, declared({}, { reinstate: cut?.entry, description: 'shop' }));
  const after = await world.vault.snapshot();
  expect(after.projects.find(({ name }) => name === 'web')).toEqual({
    ...projects.find(({ name }) => name === 'web'),
    description: 'shop',
  });
  expect(await secrets(world)).toEqual(before);
  expect(await reads(world)).toEqual([{ project: 'web', secrets: ['token'] }]);
  expect(after.tombstones).toEqual([]);
});

test('what a person gives back needs no answer from Git: out of the trash, or by a value under the name', async () => {
  await using world = await World.start();
  const { boss, at } = await began(world);
  const [before] = await secrets(world);
  await boss.ask('DELETE', at('/projects/web/secrets/token?confirm=token'));
  await boss.ask('POST', at(`/trash/${before?.id}/restore`), {});
  expect(await cutsOf(world)).toEqual([]);
  await boss.ask('DELETE', at('/projects/web/secrets/token?confirm=token'));
  await boss.ask('PUT', at('/projects/web/secrets/token'), { value: 'by-hand' });
  expect(await cutsOf(world)).toEqual([]);
  expect(findings(await world.pass(declared()))).not.toContain('ReinstateNeeded web');
});
