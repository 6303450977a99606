import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { preview } from '#engine/observe.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import type { GrantAccess, MachineProject } from '#model/organization.ts';
import type { ToRotate } from '#model/rotation.ts';
import { newAccount } from '#test/builders/account.ts';
import { capabilities } from '#test/builders/arbitrary.ts';
import { resource } from '#test/builders/resources.ts';
import type { Act } from '#vault/act/context.ts';
import { findMember } from '#vault/authorization/member-access.ts';
import { addToGroup, createGroup, groupNamed, setGroupGrant } from '#vault/groups/groups.ts';
import { addKey, machineNamed, registerMachine, setMachineAccess } from '#vault/machines/machines.ts';
import { suspendByPerson } from '#vault/members/member-acts.ts';
import { joinMember } from '#vault/members/members.ts';
import { projectNamed } from '#vault/projects/projects.ts';
import { World } from './world.ts';

const PROJECTS = ['api', 'web'];
const SECRETS = ['key', 'token'];
const PEOPLE = ['alice@acme.example', 'bob@acme.example'];

const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const grants = some(PROJECTS).chain((names) =>
  fc.tuple(
    ...names.map((project) =>
      fc.constantFrom<GrantAccess>('Read', 'Write').map((access) => ({ project, access })),
    ),
  ),
);
const scope = fc.option(some(PROJECTS));
const machineAccess: fc.Arbitrary<MachineProject[]> = some(PROJECTS).chain((names) =>
  fc.tuple(...names.map((project) => some(SECRETS).map((secrets) => ({ project, secrets })))),
);
const maker = fc.constantFrom(...PEOPLE, null);

const organization = fc.record({
  cells: capabilities,
  scope,
  people: fc.tuple(
    ...PEOPLE.map(() =>
      fc.record({
        role: fc.constantFrom('Admin' as const, 'Member' as const),
        template: fc.boolean(),
        scope,
        grants,
        suspended: fc.boolean(),
      }),
    ),
  ),
  group: fc.record({ members: some(PEOPLE), grants }),
  machines: fc.array(
    fc.record({ access: machineAccess, makers: fc.tuple(maker, fc.option(fc.record({ by: maker }))) }),
    {
      maxLength: 3,
    },
  ),
});
type Organization = typeof organization extends fc.Arbitrary<infer Value> ? Value : never;

/** People who stay, so that the removal is no mass absence (rail 1). */
const STAY = ['carol', 'dan'].map((name) => resource('Member', name, { email: `${name}@acme.example` }));

function structure({ cells, scope }: Organization): CustomResource[] {
  const secrets = SECRETS.map((name) => ({ name, generator: { length: 16 } }));
  return [
    ...PROJECTS.map((name) => resource('Project', name, { secrets })),
    resource('PermissionTemplate', 'ops', {
      capabilities: cells as Record<string, string[]>,
      projectScope: scope === null ? { all: true } : { projects: scope },
    }),
    ...STAY,
  ];
}

function membersOf({ people }: Organization): CustomResource[] {
  return people.map(({ role, template, scope: own, grants: direct }, index) =>
    resource('Member', `m${index}`, {
      email: PEOPLE[index] ?? '',
      role,
      grants: direct,
      ...(template ? { templateRef: { name: 'ops' } } : {}),
      ...(own === null ? {} : { projectScope: { projects: own } }),
    }),
  );
}

/** The people join with accounts of their own, and are in a group. Answers the accounts by e-mail. */
async function join({ vault }: World, { group, people }: Organization): Promise<Map<string, string>> {
  const accounts = new Map<string, string>();
  for (const email of PEOPLE) accounts.set(email, (await newAccount(vault.context, email)).id);
  await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    for (const [email, id] of accounts) {
      const member = await findMember(act.db, vault.vaultId, email);
      if (member !== undefined) await joinMember(act, member.row, { id, userName: email });
    }
    await createGroup(act, 'ops', '');
    const row = await groupNamed(act, 'ops');
    if (group.members.length > 0) await addToGroup(act, row, group.members, undefined);
    for (const { project, access } of group.grants) {
      await setGroupGrant(act, row, (await projectNamed(act, project)).id, { access });
    }
    await act.audit({ action: 'group.created', subject: { kind: 'Group', key: 'ops' } });
  });
  for (const [index, { suspended }] of people.entries()) {
    if (!suspended) continue;
    await vault.context.act(vault.vaultId, vault.owner, (act) => suspendByPerson(act, PEOPLE[index] ?? ''));
  }
  return accounts;
}

/** Machines whose keys the people made, or nobody. */
function addMachines(act: Act, machines: Organization['machines'], accounts: ReadonlyMap<string, string>) {
  const accountOf = (email: string | null) => (email === null ? null : (accounts.get(email) ?? null));
  return machines.reduce(async (before, { access, makers: [first, second] }, index) => {
    await before;
    await registerMachine(act, `m${index}`, newKeyPair().publicKey, {
      kind: 'standard',
      approved: true,
      expiresAt: null,
      hostname: null,
      maker: accountOf(first),
    });
    const row = await machineNamed(act, `m${index}`);
    if (second !== null) await addKey(act, row, newKeyPair().publicKey, accountOf(second.by));
    await setMachineAccess(act, row, access);
    await act.audit({ action: 'machine.registered', subject: { kind: 'MachineBinding', key: row.name } });
  }, Promise.resolve());
}

test('a plan lists for each removal what the audit entry of that removal lists, keys too (M2)', async () => {
  await fc.assert(
    fc.asyncProperty(organization, async (given) => {
      await using world = await World.start();
      const { context, vaultId, owner } = world.vault;
      await world.pass([...structure(given), ...membersOf(given)]);
      const accounts = await join(world, given);
      await context.act(vaultId, owner, (act) => addMachines(act, given.machines, accounts));

      const { plan } = await preview(world.input(structure(given)));
      await world.pass(structure(given));
      const planned = new Map<string, ToRotate>();
      for (const { subject, rotation } of plan.findings) {
        if (rotation !== undefined) planned.set(subject.key, rotation);
      }
      const entries = await context.reader
        .selectFrom('audit_entries')
        .select('entry')
        .where('action', '=', 'member.removed')
        .execute();
      const removals = entries.map(({ entry }) => JSON.parse(entry) as Removal);
      expect(removals.map(({ subject }) => subject.key).toSorted()).toEqual(PEOPLE);
      for (const { subject, details } of removals) {
        const { rotate, rotateKeys } = planned.get(subject.key) ?? { rotate: [], rotateKeys: [] };
        expect(details).toMatchObject({ rotate, rotateKeys });
      }
    }),
    { numRuns: 25 },
  );
});

interface Removal {
  readonly subject: { readonly key: string };
  readonly details: ToRotate;
}
