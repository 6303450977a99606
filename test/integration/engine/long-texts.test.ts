/**
 * One object with a text as long as the API server takes it: whatever the vault says of it, nobody else waits, and the
 * status that complains is that object's (decision 0030).
 */
import { describe, expect, it } from 'vitest';
import { type CustomResource, KINDS } from '#api/v1alpha1/kinds.ts';
import type { OrganizationObjects } from '#controllers/organization/objects.ts';
import { objectKey } from '#controllers/organization/statuses/problems.ts';
import { type StatusPatch, statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Resource } from '#controllers/resources.ts';
import { managerOf } from '#engine/desired.ts';
import { VaultLease } from '#engine/manager-lease.ts';
import type { PassInput, PassResult } from '#engine/pass-types.ts';
import { longTexts } from '#test/builders/longest-texts.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { acceptInvite } from '#test/builders/vault.ts';
import { World } from './world.ts';

const sue = (state: 'Active' | 'Suspended') =>
  resource('Member', 'sue', { email: 'sue@acme.example', state });
/** Who has nothing to do with the long text; `payments` and `developers` are what it may name. */
const OTHERS: readonly CustomResource[] = [
  resource('Member', 'new', { email: 'new@acme.example', templateRef: { name: 'developers' } }),
  resource('PermissionTemplate', 'developers', { capabilities: { Alerts: ['View'] } }),
  resource('Project', 'payments', {
    secrets: [{ name: 'db-password' }, { name: 'api key' }].map((secret) => ({
      ...secret,
      generator: { length: 16 },
    })),
  }),
  resource('MachineBinding', 'ci', {
    machineName: 'ci',
    key: { secretName: 'ci-key' },
    projects: [{ name: 'payments', secrets: ['db-password'] }],
  }),
];

describe.each(KINDS.filter((kind) => kind !== 'Organization'))('a %s', (kind) => {
  it(`with a text at its limit holds nobody up: ${kind}`, async () => {
    await using world = await World.start();
    const long = longTexts(kind);
    const objects = long.map(({ object }) => object);
    const named = projectsNamedBy(objects);
    await joinedBySue(world, organizationResource());
    const { result, input, complaining } = await passed(world, organizationResource(), [
      ...named,
      ...objects,
    ]);
    const own = new Map(long.map(({ field, object }) => [keyOf(object), field]));
    for (const object of named) own.set(keyOf(object), 'named');
    expect(complaining.filter((key) => !own.has(key))).toEqual([]);
    await othersHaveRun(world, result);
    expect(input.desired.complete).toBe(true);
  });
});

it('an object whose step cannot be read says in its own status which field, and what to do', async () => {
  await using world = await World.start();
  await joinedBySue(world, organizationResource());
  const broken = resource('Project', 'broken', { description: 'a\0b' });
  const { result, statuses, complaining } = await passed(world, organizationResource(), [broken]);
  expect(complaining).toEqual([keyOf(broken)]);
  const { status } = statuses.find(({ object }) => object.metadata.name === 'broken') ?? {};
  expect(status?.conditions.find(({ type }) => type === 'Stalled')).toMatchObject({
    reason: 'Unreadable',
    message:
      'action.after.description contains the character NUL. Mend the field that the message names, in the object that the step is of.',
  });
  await othersHaveRun(world, result);
});

describe('an Organization', () => {
  it.each(longTexts('Organization').map(({ field, object }) => [field, object] as const))(
    'with its %s at the limit holds up none of its objects',
    async (_, object) => {
      const organization = object as CustomResource<'Organization'>;
      await using world = await World.start({ automation: { managers: [managerOf(organization)] } });
      await joinedBySue(world, organization);
      const { result, complaining } = await passed(world, organization, []);
      expect(complaining.filter((key) => key !== keyOf(organization))).toEqual([]);
      await othersHaveRun(world, result);
    },
  );
});

async function joinedBySue(world: World, organization: CustomResource<'Organization'>): Promise<void> {
  await world.pass(within(organization, [organization, sue('Active')]), { lease: leaseOf(organization) });
  await acceptInvite(world.vault, 'sue@acme.example');
}

/** As the operator takes it. */
function leaseOf(organization: CustomResource<'Organization'>): VaultLease {
  return new VaultLease(managerOf(organization), 'world', 'Operator');
}

interface Passed {
  readonly result: PassResult;
  readonly input: PassInput;
  readonly statuses: readonly StatusPatch[];
  readonly complaining: readonly string[];
}

/** One pass, and the keys of the objects whose status says Stalled. */
async function passed(
  world: World,
  organization: CustomResource<'Organization'>,
  long: readonly CustomResource[],
): Promise<Passed> {
  const objects = within(organization, [organization, sue('Suspended'), ...OTHERS, ...long]);
  const planApprovals = objects.filter(
    ({ kind }) => kind === 'PlanApproval',
  ) as CustomResource<'PlanApproval'>[];
  const input = world.input(objects);
  const result = await world.pass(objects, {
    planApprovals,
    approvalsProvenSince: 0,
    lease: leaseOf(organization),
  });
  const { url, vaultId, clock } = world.vault;
  const outcome = { ...result, address: { url, vaultId } };
  const statuses = statusesOf(byKind(objects), input.desired, outcome, clock.now());
  const complaining = statuses.flatMap(({ kind, object, status }) =>
    status.conditions.some(({ type, status: is }) => type === 'Stalled' && is === 'True')
      ? [objectKey(kind, object.metadata)]
      : [],
  );
  return { result, input, statuses, complaining };
}

async function othersHaveRun(world: World, { plan }: PassResult): Promise<void> {
  const others = new Set([...OTHERS, sue('Suspended')].map(keyOf));
  const left = plan.steps.filter(
    ({ source }) => source !== null && others.has(objectKey(source.kind, source)),
  );
  expect(left.map(({ action }) => `${action.kind} ${action.key}`)).toEqual([]);
  const state = await world.vault.snapshot();
  expect(state.members.filter(({ email }) => /^(new|sue)@/.test(email))).toMatchObject([
    { email: 'new@acme.example', state: 'Invited', template: 'developers' },
    { email: 'sue@acme.example', state: 'Suspended' },
  ]);
  expect(state.machines.map(({ name }) => name)).toContain('ci');
  expect(world.vault.faults).toEqual([]);
}

/** All of them objects of the organization, whatever it is called; a long reference stays what it is. */
function within(
  organization: CustomResource<'Organization'>,
  objects: readonly CustomResource[],
): CustomResource[] {
  const { name } = organization.metadata;
  return objects.map((object) => {
    const { organizationRef } = object.spec as { organizationRef?: { name: string } };
    if (organizationRef?.name !== 'acme') return object;
    return { ...object, spec: { ...object.spec, organizationRef: { name } } } as CustomResource;
  });
}

/** What the long objects refer to is there, so that their steps reach the vault. */
function projectsNamedBy(objects: readonly CustomResource[]): CustomResource[] {
  const named = new Map<string, Set<string>>();
  const name = (project: string, secrets: readonly string[] = []): void => {
    if (project === 'payments') return;
    named.set(project, new Set([...(named.get(project) ?? []), ...secrets]));
  };
  for (const { spec } of objects) {
    const { grants, projectScope, projects } = spec as {
      grants?: readonly { project?: string }[];
      projectScope?: { projects?: readonly string[] };
      projects?: readonly { name: string; secrets?: readonly string[] }[];
    };
    for (const { project } of grants ?? []) if (project !== undefined) name(project);
    for (const project of projectScope?.projects ?? []) name(project);
    for (const { name: project, secrets } of projects ?? []) name(project, secrets);
  }
  return [...named].map(([project, secrets], at) =>
    resource('Project', `named-${at}`, {
      name: project,
      secrets: [...secrets].map((secret) => ({ name: secret, generator: { length: 16 } })),
    }),
  );
}

function keyOf({ kind, metadata }: CustomResource): string {
  return objectKey(kind, metadata);
}

function byKind(objects: readonly CustomResource[]): OrganizationObjects {
  const of = (kind: CustomResource['kind']): Resource<never>[] =>
    objects.filter((object) => object.kind === kind) as unknown as Resource<never>[];
  return {
    organization: of('Organization')[0] as unknown as Resource<'Organization'>,
    members: of('Member'),
    groups: of('Group'),
    templates: of('PermissionTemplate'),
    projects: of('Project'),
    bindings: of('MachineBinding'),
    approvals: of('PlanApproval'),
  };
}
