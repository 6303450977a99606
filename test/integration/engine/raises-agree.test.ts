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
import { CAST, type Part, STAGE } from './raising-cast.ts';
import { rehearsed } from './rehearsal.ts';
import { World } from './world.ts';

const ORGANIZATION = organizationResource({ rails: { privilegeApproval: 'Always' } });

/** Ways of raising, as plans say them; each has to come up. */
const WAYS = [
  'Admin',
  'a vault-wide cell',
  'a cell in all projects',
  'machines and secrets in a project',
  'machines and secrets everywhere',
  'a machine adopted',
  'a project with secrets adopted',
  'a key that nothing vouches for',
  'given back after a person took it away',
] as const;
type Way = (typeof WAYS)[number];

/** Steps of the whole test that are held as raises, by way. */
const came = new Map<Way, number>();

function waysOf({ action, consequence, reinstate }: Step): Way[] {
  const ways = consequence.changes.flatMap(({ raised }) => raised).map(wayOf);
  if (reinstate !== null) ways.push('given back after a person took it away');
  return ways.length === 0 && action.kind === 'AddMachineKey' ? ['a key that nothing vouches for'] : ways;
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
  const { plan } = await world.pass(first);
  if (plan.digest !== null) await vault.approve(plan.digest);
  await world.pass(first);
  for (const { email, state } of (await vault.snapshot()).members)
    if (state === 'Invited') await acceptInvite(vault, email);
  const last = await world.pass(first);
  expect(last.plan.steps, 'the first commit is applied').toEqual([]);
  for (const part of parts) await part.people?.(vault);
  return vault.snapshot();
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

const ON_PEOPLE: readonly StepKind[] = ['InviteMember', 'SetMemberAccess', 'UnsuspendMember'];
const ON_TEMPLATES: readonly StepKind[] = ['CreateTemplate', 'UpdateTemplate'];

/**
 * After which other steps of the plan the step may come to be sent, each a state of the vault that it is sent to by
 * itself. The projects that are made are there, since nothing holds those. What is given to a person may come before or
 * after a change of a template that a rail holds, and after their access was set. What follows another kind of step (the
 * access of a machine that is registered first, a template that is deleted once nobody holds it) is refused for that, and
 * then it is to be no raise in the plan either.
 */
function statesFor(step: Step, { steps }: OrganizationPlan): (readonly Step[])[] {
  const { kind, key } = step.action;
  const projects = steps.filter(({ action }) => action.kind === 'CreateProject' && action.key !== key);
  if (!ON_PEOPLE.includes(kind)) return [projects];
  const templates = steps.filter(({ action }) => ON_TEMPLATES.includes(action.kind));
  const sure = templates.filter(
    ({ consequence: { loss, changes } }) =>
      loss === null && changes.every(({ raised }) => raised.length === 0),
  );
  const access = steps.filter(
    ({ action }) => kind === 'UnsuspendMember' && action.kind === 'SetMemberAccess' && action.key === key,
  );
  return [sure, templates].flatMap((changed) => [
    [...projects, ...changed],
    ...(access.length === 0 ? [] : [[...projects, ...changed, ...access]]),
  ]);
}

test('plan and vault agree on what is a raise, one by one, and one approval in the vault has a pass run all of them (rail 2)', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryResources,
      arbitraryResources,
      fc.subarray([...CAST]),
      async (some, others, parts) => {
        await using world = await World.start({ automation: { unprovenKeys: 0 } });
        const { vault } = world;
        const first = [ORGANIZATION, ...STAGE, ...some, ...parts.flatMap(({ before }) => before)];
        const state = await standing(world, first, parts);
        const second = [ORGANIZATION, ...STAGE, ...others, ...parts.flatMap(({ after }) => after(state))];
        const input = withLostKeys(world.input(second), parts);
        const { plan } = await preview(input);

        const raises = plan.held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        for (const way of raises.flatMap(waysOf)) came.set(way, (came.get(way) ?? 0) + 1);
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
    { numRuns: 10, examples: [[[], [], [...CAST]]] },
  );
  expect(WAYS.filter((way) => !came.has(way))).toEqual([]);
});
