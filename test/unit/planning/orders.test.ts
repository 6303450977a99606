import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomResource, Spec } from '#api/v1alpha1/kinds.ts';
import { organizationFields } from '#engine/declared-fields.ts';
import { desiredOf } from '#engine/desired.ts';
import { effectiveAccess } from '#model/access.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { LossClass } from '#model/loss.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import type { Desired, OrganizationPlan, Settling, Step } from '#planning/plan-types.ts';
import { arbitraryResources } from '#test/builders/arbitrary-resources.ts';
import { policy, settled } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { CONTEXT, organizationResource, resource } from '#test/builders/resources.ts';

type Objects = readonly CustomResource[];
type Rails = NonNullable<Spec<'Organization'>['rails']>;

/** Beyond the default of `rails.settle`, in milliseconds. */
const SETTLE = 31_000;
const DAY = 24 * 60 * 60 * 1000;
const PROJECTS = ['Billing', 'Payments', 'Web', 'another'];
const keyOf = ({ kind, metadata }: CustomResource): string => `${kind}/${metadata.name}`;

/** Small budgets, so that small organizations meet them. */
const units = fc.integer({ min: 0, max: 4 }).map((some) => ({ min: some, max: some }));
const arbitraryRails: fc.Arbitrary<Rails> = fc
  .record({
    people: fc
      .record({ min: fc.integer({ min: 0, max: 2 }), percent: fc.constantFrom(0, 20, 50) })
      .map((budget) => ({ ...budget, max: 10 })),
    suspensions: units,
    invites: fc.record({ min: fc.integer({ min: 0, max: 2 }), percent: fc.constantFrom(0, 50) }),
    access: units,
    machines: units,
    privilegeApproval: fc.constantFrom('Always' as const, 'Never' as const),
  })
  .chain(({ privilegeApproval, ...lossBudget }) =>
    fc
      .constantFrom('Budget' as const, 'Budget' as const, 'Hold' as const)
      .map((losses) => ({ losses, privilegeApproval, lossBudget })),
  );

/** Who of the invited joins before the next commit, by the number in their address. */
const arbitraryJoining = fc.subarray([0, 1, 2, 3, 4, 5]);

/** What the vault is while managers come and go: passes of one manager, as the engine runs them. */
class Vault {
  state: OrganizationState;
  now = NOW;
  /** What ran, in order. */
  readonly steps: Step[] = [];
  readonly #organization: CustomResource<'Organization'>;
  #settling: Partial<Record<LossClass, Settling>> = {};
  readonly #settle: boolean;

  /** Without a state: the rails were applied, and nothing else. */
  constructor(rails: Rails, settle: boolean, state: OrganizationState | null = null) {
    this.#organization = organizationResource({ rails });
    this.#settle = settle;
    this.state = state ?? settled(organization().build(), organizationFields(this.#organization.spec).rails);
  }

  plan(objects: Objects): OrganizationPlan {
    const { desired } = desiredOf(this.#organization, objects, CONTEXT);
    return plan(
      desired as Desired,
      this.state,
      policy({ settle: this.#settle, settling: this.#settling }),
      this.now,
    );
  }

  /** Rounds until nothing runs any more; what is held is kept by the vault (rail 1). */
  pass(objects: Objects): void {
    for (let round = 0; round < 8; round++) {
      const next = this.plan(objects);
      this.#settling = next.settling as Partial<Record<LossClass, Settling>>;
      this.state = { ...this.state, holds: [...next.holds] };
      const steps = next.runnable.filter(({ executor }) => executor === 'engine');
      if (steps.length === 0) return;
      this.state = applySteps(this.state, steps, this.now);
      this.steps.push(...steps);
    }
    throw new Error('no rest after eight rounds');
  }

  /** Hashes of the steps that ran. */
  get ran(): readonly string[] {
    return this.steps.map(({ hash }) => hash);
  }

  /** Of the invited these join; left out: whoever is. */
  join(some?: readonly number[]): void {
    const joins = ({ email }: Member): boolean => some?.includes(Number(email[1])) ?? true;
    const members = this.state.members.map((member) =>
      member.state === 'Invited' && joins(member)
        ? { ...member, state: 'Active' as const, invite: null }
        : member,
    );
    this.state = { ...this.state, members };
  }
}

/** All that people and machines have, one text each. */
function had({ members, groups, templates, machines, secrets }: OrganizationState): Set<string> {
  const facts = new Set<string>();
  const byName = new Map(templates.map((template) => [template.name, template]));
  for (const member of members) {
    facts.add(`member ${member.email}`);
    const given = groupGrantsOf(groups, member.email);
    const { vault, allProjects, projects } = effectiveAccess(member, (name) => byName.get(name), given, NOW);
    for (const cell of vault.keys()) facts.add(`${member.email} has ${cell}`);
    for (const project of PROJECTS) {
      for (const cell of [...allProjects.keys(), ...(projects.get(project)?.keys() ?? [])]) {
        facts.add(`${member.email} has ${cell} in ${project}`);
      }
    }
  }
  for (const { name, enabled, access } of machines) {
    if (enabled) facts.add(`machine ${name}`);
    for (const one of access)
      for (const secret of one.secrets) facts.add(`machine ${name} reads ${one.project}/${secret}`);
  }
  for (const { project, name } of secrets) facts.add(`secret ${project}/${name}`);
  return facts;
}

/** The ways from one declaration to the next: what a manager sees on the way, the end not among it. */
const ORDERS: Readonly<Record<string, (before: Objects, after: Objects) => readonly Objects[]>> = {
  'all at once': () => [],
  'new first': (before, after) => {
    const keys = new Set(after.map(keyOf));
    return [[...after, ...before.filter((object) => !keys.has(keyOf(object)))]];
  },
  'prune first': (before, after) => {
    const keys = new Set(after.map(keyOf));
    return [before.filter((object) => keys.has(keyOf(object)))];
  },
  'one by one, new first': (before, after) => oneByOne(before, after, ['set', 'prune']),
  'one by one, prune first': (before, after) => oneByOne(before, after, ['prune', 'set']),
  'one by one, from the back': (before, after) =>
    oneByOne(before.toReversed(), after.toReversed(), ['set', 'prune']),
};

function oneByOne(before: Objects, after: Objects, how: readonly ('set' | 'prune')[]): Objects[] {
  const keys = new Set(after.map(keyOf));
  const seen: Objects[] = [];
  let there = before;
  for (const one of how) {
    if (one === 'set') {
      for (const object of after) {
        there = [...there.filter((other) => keyOf(other) !== keyOf(object)), object];
        seen.push(there);
      }
    } else {
      for (const object of before.filter((other) => !keys.has(keyOf(other)))) {
        there = there.filter((other) => keyOf(other) !== keyOf(object));
        seen.push(there);
      }
    }
  }
  return seen;
}

interface Commits {
  readonly before: Objects;
  readonly after: Objects;
  readonly rails: Rails;
  readonly joining: readonly number[];
}

const arbitraryCommits: fc.Arbitrary<Commits> = fc.record({
  before: arbitraryResources,
  after: arbitraryResources,
  rails: arbitraryRails,
  joining: arbitraryJoining,
});

/** What the plan printed as held, and is lost all the same once the organization has come to rest. */
function lostThoughHeld(
  { before, after, rails, joining }: Commits,
  order: (before: Objects, after: Objects) => readonly Objects[],
): string[] {
  const start = new Vault(rails, false);
  start.pass(before);
  start.join(joining);
  start.now += 2 * DAY;
  start.pass(before);
  const printed = start.plan(after);
  const kept = had(applySteps(start.state, printed.runnable, start.now));
  const wanted = had(applySteps(start.state, printed.steps, start.now));
  const vault = new Vault(rails, true, start.state);
  vault.now = start.now;
  for (const seen of order(before, after)) {
    vault.pass(seen);
    vault.now += 1000;
  }
  for (let pass = 0; pass < 4; pass++) {
    vault.pass(after);
    vault.now += SETTLE;
  }
  const end = had(vault.state);
  // An explicit suspension waits for nothing: of some that come one by one, those within the budget run.
  const suspended = new Set(
    vault.state.members.filter(({ state }) => state === 'Suspended').map(({ email }) => email),
  );
  const lost = [...had(start.state)].filter(
    (fact) =>
      kept.has(fact) && !wanted.has(fact) && !end.has(fact) && !suspended.has(fact.split(' ')[0] ?? ''),
  );
  return lost.length > 0 && countsTwice(start.state, printed, start.now)
    ? lost.filter((fact) => !isAccess(fact))
    : lost;
}

/**
 * Whether somebody had a thing in two ways that two steps take, which the budget of access holds. Each counts it where both
 * run at once; where one ran before, it took nothing, and what is lost in all may fit the budget.
 */
function countsTwice(state: OrganizationState, { held, steps }: OrganizationPlan, now: number): boolean {
  const ofAccess = held.filter(({ reason }) => reason === 'LossBudget').flatMap((hold) => hold.steps);
  const counting = ofAccess.filter(({ consequence: { loss } }) => loss?.class === 'access');
  const wanted = had(applySteps(state, steps, now));
  const saved = counting.map((left) => had(applySteps(state, without(steps, left), now)));
  return [...had(state)].some(
    (fact) => !wanted.has(fact) && saved.filter((facts) => facts.has(fact)).length > 1,
  );
}

function without(steps: readonly Step[], left: Step): readonly Step[] {
  return steps.filter(({ hash }) => hash !== left.hash);
}

/** What the budget of access is about; people, machines and secrets have others. */
function isAccess(fact: string): boolean {
  return fact.includes(' has ') || fact.includes(' reads ');
}

describe('what a plan printed as held', () => {
  it.each(Object.keys(ORDERS))('is lost in no order of applying and pruning (rail 1): %s', (name) => {
    fc.assert(
      fc.property(arbitraryCommits, (parts) => {
        expect(lostThoughHeld(parts, ORDERS[name] ?? (() => []))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what a plan printed as running', () => {
  it('is what runs once losses have settled, and nothing else but what was held as a raise and raises nobody by then', () => {
    fc.assert(
      fc.property(arbitraryCommits, ({ before, after, rails, joining }) => {
        const start = new Vault(rails, false);
        start.pass(before);
        start.join(joining);
        start.now += 2 * DAY;
        start.pass(before);
        const plan = start.plan(after);
        const printed = plan.runnable.filter(({ executor }) => executor === 'engine');
        const raises = plan.held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        const vault = new Vault(rails, true, start.state);
        vault.now = start.now;
        for (let pass = 0; pass < 4; pass++) {
          vault.pass(after);
          vault.now += SETTLE;
        }
        const late = new Set(raises.map(({ hash }) => hash));
        const ran = vault.steps.filter((step) => !late.has(step.hash));
        expect(ran.map(({ hash }) => hash).toSorted()).toEqual(printed.map(({ hash }) => hash).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});

/** Made an admin, as somebody does by hand. */
function asAdmin(object: CustomResource): CustomResource {
  return object.kind === 'Member'
    ? { ...object, spec: { ...(object as CustomResource<'Member'>).spec, role: 'Admin' } }
    : object;
}

it('what somebody has by two groups counts at both that go at once, and once where one went before', () => {
  const group = (name: string, members: { email: string }[], projects: readonly string[]) =>
    resource('Group', name, {
      members,
      grants: projects.map((project) => ({ project, access: 'Read' })),
    });
  const web = resource('Project', 'web', { name: 'Web', description: '', grants: [], secrets: [] });
  const person = { email: 'm5@acme.example' };
  const there = [web, resource('Member', 'm5', person)];
  const before = [...there, group('everyone', [person], ['Web']), group('ops', [person], ['Web'])];
  const rails: Rails = { lossBudget: { access: { min: 1, max: 1 } } };
  const start = new Vault(rails, false);
  start.pass(before);
  start.join();
  const [hold] = start.plan([...there, group('ops', [], [])]).held;
  expect(hold).toMatchObject({ reason: 'LossBudget', message: expect.stringContaining('taken: 2;') });
  start.pass([...there, group('everyone', [person], ['Web']), group('ops', [], [])]);
  start.pass([...there, group('ops', [], [])]);
  expect(start.state.groups.map(({ name }) => name)).toEqual(['ops']);
  expect(start.state.ledger).toMatchObject([{ class: 'access', units: 1 }]);
});

describe('a commit that goes back to the one before', () => {
  it('runs as it is printed, and what it takes back of the raises of a day counts toward nothing', () => {
    let takenBack = 0;
    fc.assert(
      fc.property(arbitraryCommits, fc.boolean(), ({ before, after, joining, ...commits }, raises) => {
        // Without an approval a raise runs only where none is asked for.
        const rails: Rails = {
          ...commits.rails,
          privilegeApproval: raises ? 'Never' : commits.rails.privilegeApproval,
        };
        const start = new Vault(rails, false);
        start.pass(before);
        start.join(joining);
        start.pass(before);
        start.pass(raises ? before.map(asAdmin) : after);
        start.now += 60_000;
        const { ledger } = start.state;
        const printed = start.plan(before);
        const back = printed.runnable.filter(({ why }) => why.includes('(takes back the raise of '));
        takenBack += back.length;
        const vault = new Vault(rails, true, start.state);
        vault.now = start.now;
        // Only a template or a group that is narrowed in the same commit keeps them, for as long as that settles.
        const narrowed = vault
          .plan(before)
          .pending.filter(({ steps }) =>
            steps.some(({ action: { kind } }) =>
              ['UpdateTemplate', 'UpdateGroup', 'DeleteGroup'].includes(kind),
            ),
          );
        const waiting = new Set(narrowed.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
        vault.pass(before);
        const free = back.map(({ hash }) => hash).filter((hash) => !waiting.has(hash));
        expect(vault.ran).toEqual(expect.arrayContaining(free));
        const counted = vault.state.ledger.slice(ledger.length).map(({ stepHash }) => stepHash);
        expect(counted.filter((hash) => back.some((step) => step.hash === hash))).toEqual([]);
        for (let pass = 0; pass < 4; pass++) {
          vault.pass(before);
          vault.now += SETTLE;
        }
        const engine = printed.runnable.filter(({ executor }) => executor === 'engine');
        // What was held as a raise and raises nobody by then runs too.
        const held = printed.held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        const late = new Set(held.map(({ hash }) => hash));
        const ran = vault.steps.filter((step) => !late.has(step.hash));
        expect(ran.map(({ hash }) => hash).toSorted()).toEqual(engine.map(({ hash }) => hash).toSorted());
      }),
      { numRuns: 200 },
    );
    // How many there are is chance; that there are any is what makes the property say something.
    expect(takenBack).toBeGreaterThan(0);
  });
});

it('who is moved off a template that is narrowed waits with it, so that the loss is judged as it was printed', () => {
  const template = (name: string, capabilities: Record<string, string[]>) =>
    resource('PermissionTemplate', name, { capabilities, projectScope: { all: true } });
  const holder = (name: string) =>
    resource('Member', 'a', { email: 'a@acme.example', templateRef: { name } });
  const more = template('more', { Machines: ['View'], Projects: ['View'] });
  const before = [template('dev', { Machines: ['View'] }), more, holder('dev')];
  const after = [template('dev', { Projects: ['View'] }), more, holder('more')];
  const start = new Vault({ lossBudget: { access: { min: 0, max: 0 } } }, false);
  start.pass(before);
  start.join();
  const printed = start.plan(after);
  expect(printed.held).toMatchObject([{ steps: [{ action: { kind: 'UpdateTemplate', key: 'dev' } }] }]);
  const vault = new Vault({ lossBudget: { access: { min: 0, max: 0 } } }, true, start.state);
  vault.pass(after);
  expect(vault.ran).toEqual([]);
  for (let pass = 0; pass < 3; pass++) {
    vault.now += SETTLE;
    vault.pass(after);
  }
  expect(vault.ran).toEqual(printed.runnable.map(({ hash }) => hash));
});
