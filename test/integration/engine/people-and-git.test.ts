import { expect, test } from 'vitest';
import { resource } from '#test/builders/resources.ts';
import { acceptInvite } from '#test/builders/vault.ts';
import type { Act } from '#vault/act/context.ts';
import { addToGroup, createGroup, groupNamed, setGroupGrant } from '#vault/groups/groups.ts';
import { setRoleByPerson, setScopeByPerson, setTemplateByPerson } from '#vault/members/member-access-acts.ts';
import { projectNamed } from '#vault/projects/projects.ts';
import { archiveTemplateByPerson, editTemplateByPerson } from '#vault/templates/template-acts.ts';
import { owner } from '../vault/world/people.ts';
import { World } from './world.ts';

const ALICE = 'alice@acme.example';
const member = (name: string, more: object = {}) =>
  resource('Member', name, { email: `${name}@acme.example`, ...more });
const project = (name: string) => resource('Project', name, {});
const developers = resource('PermissionTemplate', 'developers', {
  capabilities: { Secrets: ['View', 'Manage'] },
});

const byOwner = ({ vault }: World, work: (act: Act) => Promise<unknown>) =>
  vault.context.act(vault.vaultId, vault.owner, work);
const alice = async ({ vault }: World) =>
  (await vault.snapshot()).members.find(({ email }) => email === ALICE);
const findings = ({ plan }: Awaited<ReturnType<World['pass']>>) =>
  plan.findings.map(({ reason, subject }) => `${reason} ${subject.key}`);

test('what the owner lowers of role, template and scope stays so through passes, until Git names the entry (rail 7)', async () => {
  await using world = await World.start();
  const declared = (more: object = {}) => [
    project('web'),
    developers,
    member('alice', { role: 'Admin', templateRef: { name: 'developers' }, ...more }),
  ];
  await world.pass(declared());
  await acceptInvite(world.vault, ALICE);
  await world.pass(declared());

  await byOwner(world, (act) => setRoleByPerson(act, ALICE, 'Member'));
  await byOwner(world, (act) => setScopeByPerson(act, ALICE, ['web']));
  const first = await world.pass(declared());
  expect(findings(first).filter((told) => told.endsWith(ALICE))).toEqual([
    `ReinstateNeeded ${ALICE}`,
    `ReinstateNeeded ${ALICE}`,
  ]);
  expect(await alice(world)).toMatchObject({ role: 'Member', template: 'developers', projectScope: ['web'] });
  // Nothing is left to do: not even the record moves once it says what is there.
  await world.pass(declared());
  expect((await world.pass(declared())).writes).toBe(0);

  await byOwner(world, (act) => setTemplateByPerson(act, ALICE, { template: null }));
  await world.pass(declared());
  expect(await alice(world)).toMatchObject({ role: 'Member', template: null });

  const { tombstones } = await world.vault.snapshot();
  const entry = tombstones.find(({ act }) => act === 'RoleLowered')?.entry ?? '';
  await world.pass(declared({ reinstate: entry }));
  expect(await alice(world)).toMatchObject({ role: 'Admin', template: null });
  const left = (await world.vault.snapshot()).tombstones.map(({ act }) => act);
  expect(left.toSorted()).toEqual(['ScopeNarrowed', 'TemplateTaken']);
});

test('whom the owner removed and invited again has what the owner chose through passes, until Git names the entry (rail 7)', async () => {
  await using world = await World.start();
  const grants = [{ project: 'web', access: 'Write' as const }];
  const declared = (more: object = {}) => [
    project('web'),
    developers,
    member('alice', { role: 'Admin', templateRef: { name: 'developers' }, grants, ...more }),
  ];
  const plain = { role: 'Member', template: null, grants: [] };
  await world.pass(declared());
  await world.pass(declared());
  await acceptInvite(world.vault, ALICE);
  await world.pass(declared());

  const boss = await owner(world.vault);
  const at = (path: string) => `/vaults/${world.vault.vaultId}${path}`;
  expect((await boss.ask('DELETE', at(`/members/${ALICE}`))).status).toBe(204);
  await world.pass(declared());
  expect((await boss.ask('POST', at('/invites'), { emails: [ALICE] })).status).toBe(204);
  expect(findings(await world.pass(declared()))).toContain(`ReinstateNeeded ${ALICE}`);
  expect(await alice(world)).toMatchObject({ state: 'Invited', ...plain });
  await acceptInvite(world.vault, ALICE);
  const joined = await world.pass(declared());
  expect(findings(joined).filter((told) => told.endsWith(ALICE))).toEqual([`ReinstateNeeded ${ALICE}`]);
  expect(await alice(world)).toMatchObject({ state: 'Active', ...plain });
  expect((await world.pass(declared())).writes).toBe(0);

  const entry = (await world.vault.snapshot()).tombstones[0]?.entry ?? '';
  await world.pass(declared({ reinstate: entry }));
  expect(await alice(world)).toMatchObject({ role: 'Admin', template: 'developers', grants });
  expect((await world.vault.snapshot()).tombstones).toEqual([]);
});

test('a template that the owner narrowed or archived stays so, and the rest of Git goes on (rail 7)', async () => {
  await using world = await World.start();
  const declared = [project('web'), developers, member('alice', { templateRef: { name: 'developers' } })];
  await world.pass(declared);
  await byOwner(world, (act) => editTemplateByPerson(act, 'developers', { projectScope: ['web'] }));
  await byOwner(world, (act) => archiveTemplateByPerson(act, 'developers'));
  const bob = member('bob', { templateRef: { name: 'developers' } });
  const result = await world.pass([...declared, bob, project('api')]);
  expect(findings(result)).toEqual(
    expect.arrayContaining(['ReinstateNeeded developers', 'TemplateArchived bob@acme.example']),
  );
  const { templates, members, projects } = await world.vault.snapshot();
  expect(templates).toMatchObject([{ projectScope: ['web'], archived: true }]);
  expect(members.map(({ email }) => email)).toEqual([ALICE, 'owner@acme.example']);
  expect(await alice(world)).toMatchObject({ template: 'developers' });
  expect(projects.map(({ name }) => name)).toEqual(['Main', 'api', 'web']);
});

test('a grant that leaves Git is no loss while a group gives the same, in the plan and at the vault (G1, rail 1)', async () => {
  await using world = await World.start();
  const grants = [{ project: 'web', access: 'Write' as const }];
  const pass = (objects: Parameters<World['pass']>[0]) => world.pass([project('web'), ...objects]);
  await pass([member('alice', { grants }), member('bob', { grants })]);
  for (const email of [ALICE, 'bob@acme.example']) await acceptInvite(world.vault, email);
  await byOwner(world, async (act) => {
    await createGroup(act, 'ops', '');
    const group = await groupNamed(act, 'ops');
    await addToGroup(act, group, [ALICE], undefined);
    await setGroupGrant(act, group, (await projectNamed(act, 'web')).id, { access: 'Write' });
    await act.audit({ action: 'group.grant-set', subject: { kind: 'Group', key: 'ops' } });
  });
  const { answers } = await pass([member('alice'), member('bob')]);
  expect([...answers.values()].map(({ status }) => status)).toEqual(['Done', 'Done']);
  const { ledger, groups, members } = await world.vault.snapshot();
  expect(members.flatMap(({ grants: direct }) => direct)).toEqual([]);
  // Of bob alone.
  expect(ledger.map(({ class: lossClass, units }) => [lossClass, units])).toEqual([['access', 1]]);
  expect(groups.map(({ name, members }) => [name, members])).toEqual([
    ['Everyone', ['owner@acme.example']],
    ['ops', [ALICE]],
  ]);
});
