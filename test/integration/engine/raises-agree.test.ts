import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { execute } from '#engine/execution.ts';
import { preview } from '#engine/observe.ts';
import type { PassInput } from '#engine/pass-types.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import { cellDefinition } from '#model/capabilities.ts';
import type { StepAction, StepKind } from '#model/step.ts';
import type { OrganizationPlan, Step } from '#planning/plan-types.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { Provider } from '#provider/provider.ts';
import { arbitraryResources } from '#test/builders/arbitrary-resources.ts';
import { organizationResource } from '#test/builders/resources.ts';
import { acceptInvite } from '#test/builders/vault.ts';
import { brought, CAST, ENTRY, type Part, STAGE, TEAM } from './raising-cast.ts';
import { rehearsed } from './rehearsal.ts';
import { World } from './world.ts';

type Approval = 'Always' | 'Never';
const organizationOf = (privilegeApproval: Approval) =>
  organizationResource({
    rails: { privilegeApproval, lossBudget: { suspensions: { min: 50, max: 50 } } },
    access: [ENTRY],
  });

/** Ways of raising, as plans say them; each has to come up. */
const WAYS = [
  'Admin',
  'a vault-wide cell',
  'a cell in all projects',
  'machines and secrets in a project',
  'machines and secrets everywhere',
  'a machine adopted',
  'a project with secrets adopted',
  'an invite that ended',
  'a key that nothing vouches for',
  'given back after a person took it away',
  'taken over from another namespace',
  // Where nothing else waits.
  'brought by another namespace',
  'by a group that is made',
  'by the list of a group',
  'by what a group is given',
  'held for longer',
] as const;
type Way = (typeof WAYS)[number];

/** Steps of the whole test that are held as raises, by way. */
const came = new Map<Way, number>();

/** What is raised, and how; `takesOver`: the record of the thing is of another origin than the declaration. */
function waysOf(step: Step, approval: Approval, takesOver: boolean): Way[] {
  const { action, consequence, source, reinstate } = step;
  const ways = consequence.changes.flatMap(({ raised }) => raised).map(wayOf);
  if (ways.length > 0) ways.push(...waysOfGroup(action), ...(changesEndsAlone(action) ? LONGER : []));
  if (reinstate !== null) ways.push('given back after a person took it away');
  if (action.kind === 'ResendInvite' && ways.length > 0) ways.push('an invite that ended');
  if (takesOver) ways.push('taken over from another namespace');
  if (ways.length === 0 && action.kind === 'AddMachineKey') return ['a key that nothing vouches for'];
  if (approval === 'Never' && source?.namespace === TEAM) ways.push('brought by another namespace');
  return ways;
}

const LONGER: readonly Way[] = ['held for longer'];

function changesEndsAlone({ before, after }: StepAction): boolean {
  const withoutEnds = (value: unknown): string =>
    JSON.stringify(value, (field, part) => (/expiresAt$/i.test(field) ? undefined : part));
  return withoutEnds(before) === withoutEnds(after);
}

function waysOfGroup(action: StepAction): Way[] {
  if (action.kind === 'CreateGroup') return ['by a group that is made'];
  if (action.kind !== 'UpdateGroup') return [];
  return [action.after.members.length > 0 ? 'by the list of a group' : 'by what a group is given'];
}

function wayOf(raised: string): Way {
  if (raised === 'Admin') return 'Admin';
  if (raised === 'adopted with all that it reads') return 'a machine adopted';
  if (/^its .* bound from here on$/.test(raised)) return 'a project with secrets adopted';
  const made = /^Machines: Manage with Secrets: Manage in (.*)$/.exec(raised);
  if (made !== null)
    return made[1] === 'all projects'
      ? 'machines and secrets everywhere'
      : 'machines and secrets in a project';
  if (raised.endsWith(' in all projects')) return 'a cell in all projects';
  if (cellDefinition(raised)?.scope === 'vault') return 'a vault-wide cell';
  throw new Error(`a raise of no known way: ${raised}`);
}

/** The vault as the first commit leaves it, all of it approved, everybody joined, and then what people did. */
async function standing(world: World, first: readonly CustomResource[], parts: readonly Part[]) {
  const { vault } = world;
  // Nobody is invited to be suspended.
  const asMembers = first.map(withoutSuspension);
  const { plan } = await world.pass(asMembers);
  if (plan.digest !== null) await vault.approve(plan.digest);
  await world.pass(asMembers);
  for (const { email, state } of (await vault.snapshot()).members)
    if (state === 'Invited') await acceptInvite(vault, email);
  await world.pass(first);
  const last = await world.pass(first);
  expect(last.plan.steps, 'the first commit is applied').toEqual([]);
  for (const part of parts) await part.people?.(vault);
  return vault.snapshot();
}

function withoutSuspension(object: CustomResource): CustomResource {
  const { state: _, ...spec } = object.spec as { readonly state?: unknown };
  return object.kind === 'Member' ? { ...object, spec: spec as CustomResource['spec'] } : object;
}

/** With another key for those machines. */
function withLostKeys({ desired, ...input }: PassInput, parts: readonly Part[]): PassInput {
  const lost = new Set(parts.flatMap(({ lostKeys = [] }) => lostKeys));
  const machines = desired.machines.map((machine) => {
    if (!lost.has(machine.machineName)) return machine;
    const { publicKey } = newKeyPair();
    return { ...machine, key: { fingerprint: publicKey.fingerprint, publicKey: publicKey.text } };
  });
  return { ...input, desired: { ...desired, machines } };
}

/** The requests of all steps of the plan, as the engine makes them; none is sent. */
async function requestsOf(world: World, input: PassInput, plan: OrganizationPlan) {
  const requests = new Map<StepAction, StepRequest>();
  const provider = {
    execute: async (_: unknown, sent: readonly StepRequest[]) => {
      for (const request of sent) requests.set(request.action, request);
      return [];
    },
  } as unknown as Provider;
  const { desired, signal } = input;
  const nothing = { approved: new Map(), plan: { ...plan, lossGroups: [] }, trace: null, records: [] };
  await execute({ provider, desired, fence: await world.fence(), steps: plan.steps, signal, ...nothing });
  return (step: Step): StepRequest => {
    const request = requests.get(step.action);
    if (request === undefined) throw new Error(`no request for ${step.action.kind} ${step.action.key}`);
    return request;
  };
}

const ON_PEOPLE: readonly StepKind[] = ['InviteMember', 'ResendInvite', 'SetMemberAccess', 'UnsuspendMember'];
const ON_TEMPLATES: readonly StepKind[] = ['CreateTemplate', 'UpdateTemplate'];
const ON_GROUPS: readonly StepKind[] = ['CreateGroup', 'UpdateGroup', 'DeleteGroup'];

const isSure = ({ consequence: { loss, changes } }: Step): boolean =>
  loss === null && changes.every(({ raised }) => raised.length === 0);

/**
 * After which other steps of the plan the step may come to be sent, each a state of the vault that it is sent to by
 * itself. What is renamed is, and the projects that are made are there, since nothing holds those, and so is what the step is made to follow: the
 * invite of whom a group lists, the group itself. What is given to a person may come before or after a change of a template
 * or a group that a rail holds, and after their access was set; what a group gives, before or after the access of people was
 * set. What follows another kind of step (the access of a machine that is registered first, a template that is deleted
 * once nobody holds it) is refused for that, and then it is to be no raise in the plan either.
 */
function statesFor(step: Step, { steps }: OrganizationPlan): (readonly Step[])[] {
  const { kind, key } = step.action;
  const of = (kinds: readonly StepKind[]) =>
    steps.filter((one) => one !== step && kinds.includes(one.action.kind));
  const renames = steps
    .slice(0, steps.indexOf(step))
    .filter((one) => one.action.kind === 'RenameProject' || one.action.kind === 'RenameTemplate');
  const projects = [...renames, ...of(['CreateProject'])];
  const isGroupStep = ON_GROUPS.includes(kind);
  if (!ON_PEOPLE.includes(kind) && !ON_TEMPLATES.includes(kind) && !isGroupStep) return [projects];

  const [templates, groups, invites] = [of(ON_TEMPLATES), of(ON_GROUPS), of(['InviteMember'])];
  const ofThis = groups.filter(({ action }) => action.key === key && isGroupStep);
  const followed = steps.slice(0, steps.indexOf(step)).filter((one) => ofThis.includes(one));
  const lists = step.action.kind === 'UpdateGroup' ? step.action.after.members : [];
  const invited = invites.filter(({ action }) => lists.includes(action.key));
  const others = groups.filter((one) => !ofThis.includes(one));
  const access = of(['SetMemberAccess']);
  const ofPerson = access.filter(
    ({ action }) => (kind === 'UnsuspendMember' || kind === 'ResendInvite') && action.key === key,
  );
  const changedTemplates = ON_TEMPLATES.includes(kind)
    ? [templates.filter(({ action }) => action.kind === 'CreateTemplate')]
    : [templates.filter(isSure), templates];
  const changedGroups = kind === 'InviteMember' ? [[]] : [others.filter(isSure), others];
  const changedAccess = isGroupStep ? [[], access] : ofPerson.length === 0 ? [[]] : [[], ofPerson];
  return changedTemplates.flatMap((someTemplates) =>
    changedGroups.flatMap((someGroups) => {
      const first = [
        ...projects,
        ...someTemplates,
        ...invitesFor(someGroups, invites, invited),
        ...someGroups,
      ];
      return changedAccess.map((set) => [...first, ...set, ...followed]);
    }),
  );
}

/** The invites that steps on groups are made to follow, and those of whom the step itself lists. */
function invitesFor(
  groups: readonly Step[],
  invites: readonly Step[],
  own: readonly Step[],
): readonly Step[] {
  const listed = new Set(groups.flatMap(({ action }) => membersOf(action)));
  return invites.filter((one) => own.includes(one) || listed.has(one.action.key));
}

function membersOf(action: StepAction): readonly string[] {
  return action.kind === 'UpdateGroup' || action.kind === 'CreateGroup' ? action.after.members : [];
}

test('plan and vault agree on what is a raise, one by one, and one approval in the vault has a pass run all of them (rail 2)', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryResources,
      arbitraryResources,
      fc.subarray([...CAST]),
      fc.constantFrom<Approval>('Always', 'Never'),
      fc.subarray([...CAST]),
      async (some, others, parts, approval, outside) => {
        await using world = await World.start({ automation: { unprovenKeys: 0 } });
        const { vault } = world;
        const organization = organizationOf(approval);
        const placed = (objects: readonly CustomResource[], part: Part) =>
          outside.includes(part) ? objects.map(brought) : objects;
        const first = [
          organization,
          ...STAGE,
          ...some,
          ...parts.flatMap((part) => placed(part.before, part)),
        ];
        const state = await standing(world, first, parts);
        const second = [
          ...[organization, ...STAGE, ...others],
          ...parts.flatMap((part) => placed(part.after(state), part)),
        ];
        const input = withLostKeys(world.input(second), parts);
        const { plan } = await preview(input);

        const raises = plan.held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        const originOf = new Map(
          state.records.map((record) => [`${record.kind}/${record.key}`, record.origin]),
        );
        for (const step of raises) {
          const origin = originOf.get(`${step.subject.kind}/${step.subject.key}`);
          const takesOver = origin !== undefined && step.source !== null && origin !== step.source.namespace;
          for (const way of waysOf(step, approval, takesOver)) came.set(way, (came.get(way) ?? 0) + 1);
        }
        const isHeld = new Set(raises.map(({ hash }) => hash));
        const requestOf = await requestsOf(world, input, plan);
        const fence = await world.fence();
        const differ: string[] = [];
        for (const step of plan.steps) {
          const said = new Set<string>();
          for (const prepared of statesFor(step, plan)) {
            said.add(await rehearsed(vault, fence, requestOf(step), prepared.map(requestOf)));
          }
          if (said.has('NeedsApproval') === isHeld.has(step.hash)) continue;
          const { kind, key } = step.action;
          differ.push(
            `${kind} ${key}: ${isHeld.has(step.hash) ? 'held' : 'not held'}, ${[...said].join(', ')}`,
          );
        }
        expect(differ).toEqual([]);

        if (plan.digest !== null) await vault.approve(plan.digest);
        const { answers } = await world.pass(second, { ...input, settle: false });
        const ran = raises.map(({ hash }) => answers.get(hash)?.status);
        expect(ran).toEqual(raises.map(() => 'Done'));
      },
    ),
    {
      numRuns: 6,
      examples: [
        [[], [], [...CAST], 'Always', []],
        [[], [], [...CAST], 'Never', [...CAST]],
      ],
    },
  );
  expect(WAYS.filter((way) => !came.has(way))).toEqual([]);
});
