import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessWhenActive, type EffectiveAccess } from '#model/access.ts';
import { canonicalJson } from '#model/digest.ts';
import type { RailSettings } from '#model/fields.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { OrganizationState, ProjectScope } from '#model/organization.ts';
import { raisesOfPerson } from '#model/raises.ts';
import { givenByAccess, givenByGroup } from '#model/revocations.ts';
import type { StepKind } from '#model/step.ts';
import { plan } from '#planning/plan.ts';
import type { Approval, Desired, OrganizationPlan, Step } from '#planning/plan-types.ts';
import { planSuspensions } from '#planning/suspensions.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { desired, policy, settled } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, OWNER, organization } from '#test/builders/organization.ts';

const RUNS = { numRuns: 300 };
const both = fc.tuple(arbitraryDesired, arbitraryOrganization);

/** Every step that may run, as often as a plan has some. */
function converge(
  declared: Desired,
  state: OrganizationState,
): { state: OrganizationState; last: OrganizationPlan } {
  let current = state;
  for (let pass = 0; pass < 6; pass++) {
    const next = plan(declared, current, policy(), NOW);
    if (next.runnable.length === 0) return { state: current, last: next };
    current = applySteps(current, next.runnable, NOW);
  }
  throw new Error(
    `no rest after six passes: ${canonicalJson(plan(declared, current, policy(), NOW).runnable)}`,
  );
}

function withRails(declared: Desired, rails: Partial<RailSettings>): Desired {
  const { organization: own } = declared;
  const fields = { ...own.fields, rails: { ...own.fields.rails, ...rails } };
  return { ...declared, organization: { ...own, fields } };
}

/** What everybody has, or has once they join; who is suspended has nothing. By e-mail. */
function accessIn(state: OrganizationState): Map<string, EffectiveAccess> {
  return promisedIn(
    state,
    state.members.filter((member) => member.state !== 'Suspended'),
  );
}

/** What they have once they are active. */
function promisedIn(
  { templates, groups }: OrganizationState,
  members: OrganizationState['members'],
): Map<string, EffectiveAccess> {
  const byName = new Map(templates.map((template) => [template.name, template]));
  return new Map(
    members.map((member) => [
      member.email,
      accessWhenActive(member, (name) => byName.get(name), groupGrantsOf(groups, member.email), NOW),
    ]),
  );
}

const TEMPLATE_STEPS: readonly StepKind[] = ['CreateTemplate', 'UpdateTemplate'];
const PEOPLE_STEPS: readonly StepKind[] = [
  ...TEMPLATE_STEPS,
  'InviteMember',
  'SetMemberAccess',
  'UnsuspendMember',
];

/** Whom the step raises by what, in the organization as it is then; who is suspended as if they came back tomorrow. */
function raisedBy(state: OrganizationState, step: Step): string[] {
  const after = applySteps(state, [step], NOW);
  const before = step.action.kind === 'UnsuspendMember' ? accessIn(state) : promisedIn(state, state.members);
  return [...promisedIn(after, after.members)].flatMap(([email, access]) =>
    raisesOfPerson(before.get(email) ?? null, access),
  );
}

/** The names by which all else is planned. */
function renamedBy(state: OrganizationState, steps: readonly Step[]): OrganizationState {
  const renames = steps.filter(
    ({ action: { kind } }) => kind === 'RenameProject' || kind === 'RenameTemplate',
  );
  return applySteps(state, renames, NOW);
}

/** The same where a step needs no seat that another one frees. */
function withoutCaps(state: OrganizationState): OrganizationState {
  return { ...state, plan: { ...state.plan, caps: { ...state.plan.caps, members: null } } };
}

/** The same with consent to all that is there, and machines declared whole. */
function consenting(declared: Desired, { machines, projects }: OrganizationState): Desired {
  const idOf = (things: readonly { id: string; name: string }[], key: string) =>
    things.find(({ name }) => name === key)?.id ?? null;
  return {
    ...declared,
    machines: declared.machines.map((machine) => {
      const there = machines.find(({ name }) => name === machine.machineName);
      const fingerprint = there?.keys[0]?.fingerprint;
      if (there === undefined || fingerprint === undefined) return machine;
      const source = { ...machine.source, adopt: there.id };
      return {
        ...machine,
        source,
        fields: { access: there.access },
        key: { fingerprint, publicKey: 'public' },
      };
    }),
    projects: declared.projects.map((project) => ({
      ...project,
      source: { ...project.source, adopt: idOf(projects, project.name) },
    })),
  };
}

/** Machines, and projects with secrets, that were there without a record and have one. */
function takenOver(before: OrganizationState, after: OrganizationState): string[] {
  const had = new Set(before.records.map(({ kind, key }) => `${kind}/${key}`));
  const there = [
    ...before.machines.map(({ name }) => `MachineBinding/${name}`),
    ...before.secrets.map(({ project }) => `Project/${project}`),
  ];
  const has = after.records.map(({ kind, key }) => `${kind}/${key}`);
  return has.filter((thing) => there.includes(thing) && !had.has(thing));
}

/** Who is not there has nothing. */
const OUTSIDER = { role: 'Member', template: null, projectScope: [], grants: [] } as const;
/** The projects of these tests that a scope reaches, and one that nobody names. */
const reach = (scope: ProjectScope | null): readonly string[] =>
  scope === null || scope === 'All' ? ['billing', 'payments', 'web', 'another'] : scope;

describe('a plan over random organizations', () => {
  it('leaves nothing to run once what may run has run', () => {
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const first = plan(declared, state, policy(), NOW);
        const second = plan(declared, applySteps(state, first.runnable, NOW), policy(), NOW);
        const ran = new Set(first.runnable.map(({ hash }) => hash));
        expect(second.steps.filter(({ hash }) => ran.has(hash))).toEqual([]);
        converge(declared, state);
      }),
      RUNS,
    );
  });

  it('has no step for an organization that was made from the same declaration', () => {
    fc.assert(
      fc.property(arbitraryDesired, (declared) => {
        const free = withRails(declared, { privilegeApproval: 'Never' });
        const { state, last } = converge(
          free,
          settled(organization().build(), free.organization.fields.rails),
        );
        expect(last.steps).toEqual([]);
        expect(plan(free, state, policy({ settle: true }), NOW).steps).toEqual([]);
      }),
      RUNS,
    );
  });

  it('raises nobody without an approval, by whatever way and however often it runs (rail 2)', () => {
    fc.assert(
      fc.property(both, ([declared, start]) => {
        let state = start;
        for (let pass = 0; pass < 6; pass++) {
          const before = accessIn(state);
          const steps = plan(declared, state, policy(), NOW).runnable;
          for (const step of steps) {
            state = applySteps(state, [step], NOW);
            for (const [email, access] of accessIn(state)) {
              expect(raisesOfPerson(before.get(email) ?? null, access)).toEqual([]);
            }
          }
        }
      }),
      RUNS,
    );
  });

  it('holds as a raise of a person nothing that raises nobody, whatever a rail keeps back of the rest (rail 2)', () => {
    let raising = 0;
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const { steps, held } = plan(declared, state, policy(), NOW);
        const roomy = withoutCaps(renamedBy(state, steps));
        const templates = steps.filter(({ action: { kind } }) => TEMPLATE_STEPS.includes(kind));
        // Nothing keeps these back: they neither lose nor raise.
        const sure = templates.filter(
          ({ consequence: { loss, changes } }) =>
            loss === null && changes.every(({ raised }) => raised.length === 0),
        );
        for (const step of held.filter(({ rail }) => rail === 2).flatMap((hold) => hold.steps)) {
          if (!PEOPLE_STEPS.includes(step.action.kind) || step.reinstate !== null) continue;
          const access = steps.filter(
            ({ action: { kind, key } }) =>
              step.action.kind === 'UnsuspendMember' && kind === 'SetMemberAccess' && key === step.action.key,
          );
          const before = TEMPLATE_STEPS.includes(step.action.kind) ? [[]] : [sure, templates];
          const raised = before
            .flatMap((some) => [some, [...some, ...access]])
            .flatMap((some) => raisedBy(applySteps(roomy, some, NOW), step));
          expect(raised, `${step.action.kind} ${step.action.key}`).not.toEqual([]);
          raising += 1;
        }
      }),
      RUNS,
    );
    expect(raising).toBeGreaterThan(0);
  });

  it('takes over no machine, and no project with secrets, without an approval, and with one all that it holds (rail 2)', () => {
    let adopting = 0;
    fc.assert(
      fc.property(both, ([some, state]) => {
        const declared = consenting(some, state);
        const { runnable, held, digest } = plan(declared, state, policy(), NOW);
        expect(takenOver(state, applySteps(state, runnable, NOW))).toEqual([]);
        const raises = held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        if (digest === null) return;
        const approval: Approval = {
          ...{ digest, approver: 'alice', via: 'Vault', reference: 'apr_1' },
          ...{ reason: 'reviewed', expiresAt: NOW + 1 },
        };
        const approved = plan(declared, state, policy({ approvals: [approval] }), NOW);
        const after = applySteps(state, approved.runnable, NOW);
        const adopted = raises.filter(({ action, record }) => action.kind === 'Claim' && record != null);
        const taken = takenOver(state, after);
        for (const { subject } of adopted) {
          if (subject.kind !== 'MachineBinding' && subject.kind !== 'Project') continue;
          expect(taken).toContain(`${subject.kind}/${subject.key}`);
          adopting += 1;
        }
      }),
      RUNS,
    );
    expect(adopting).toBeGreaterThan(0);
  });

  it('runs every raise once what it holds is approved as a whole (rail 2)', () => {
    fc.assert(
      fc.property(arbitraryDesired, (declared) => {
        const { state, last } = converge(declared, organization().build());
        fc.pre(last.digest !== null);
        const approval: Approval = {
          ...{ digest: last.digest ?? '', approver: 'alice', via: 'Vault', reference: 'apr_1' },
          ...{ reason: 'reviewed', expiresAt: NOW + 1 },
        };
        const { runnable } = plan(declared, state, policy({ approvals: [approval] }), NOW);
        const held = last.held
          .filter(({ rail }) => rail === 2)
          .flatMap(({ steps }) => steps.map(({ hash }) => hash));
        expect(runnable.map(({ hash }) => hash)).toEqual(expect.arrayContaining(held));
      }),
      RUNS,
    );
  });

  it('is the same whatever the order of the lists', () => {
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const reversed: Desired = {
          ...declared,
          members: declared.members.toReversed(),
          groups: declared.groups.toReversed(),
          templates: declared.templates.toReversed(),
          projects: declared.projects.toReversed(),
          machines: declared.machines.toReversed(),
        };
        const mirrored: OrganizationState = {
          ...state,
          members: state.members.toReversed(),
          groups: state.groups.toReversed(),
          templates: state.templates.toReversed(),
          projects: state.projects.toReversed(),
          secrets: state.secrets.toReversed(),
          machines: state.machines.toReversed(),
          records: state.records.toReversed(),
          tombstones: state.tombstones.toReversed(),
        };
        expect(decisions(plan(reversed, mirrored, policy(), NOW))).toEqual(
          decisions(plan(declared, state, policy(), NOW)),
        );
      }),
      RUNS,
    );
  });

  it('loses nothing when nothing is declared (rail 5)', () => {
    fc.assert(
      fc.property(arbitraryOrganization, (state) => {
        const { runnable, lossGroups } = plan(desired().build(), state, policy(), NOW);
        expect(lossGroups).toEqual([]);
        expect(runnable.filter(({ action }) => action.kind !== 'ApplySettings')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('loses nothing while the view is partial (rail 6)', () => {
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const { runnable, lossGroups } = plan({ ...declared, complete: false }, state, policy(), NOW);
        expect(lossGroups).toEqual([]);
        expect(runnable.filter(({ consequence }) => consequence.loss !== null)).toEqual([]);
        expect(runnable.filter(({ record }) => record === null)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('never touches the owner (rail 3) and never gives back what a person cut (rail 7)', () => {
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const { steps } = plan(declared, state, policy(), NOW);
        for (const { action } of steps) {
          expect(action.key).not.toBe(OWNER);
          if (action.kind === 'CreateGroup' || action.kind === 'UpdateGroup') {
            const cut = state.tombstones.filter(({ kind, key }) => kind === 'Group' && key === action.key);
            const given = givenByGroup(action.before, action.after);
            expect(cut.filter((one) => given.some((thing) => thing.covers(one)))).toEqual([]);
          }
          if (action.kind !== 'InviteMember' && action.kind !== 'SetMemberAccess') continue;
          const cut = state.tombstones.filter(({ key }) => key === action.key);
          const [before, has] = [action.before ?? OUTSIDER, action.after];
          const wholes = cut.filter(({ item }) => item === null).map(({ act }) => act);
          const ends = wholes.filter((act) => ['Removed', 'Left', 'Declined'].includes(act));
          if (action.kind === 'InviteMember')
            expect([...ends, ...wholes.filter((act) => act === 'Suspended')]).toEqual([]);
          else if (ends.length > 0) expect(givenByAccess('Active', action.before, has)).toEqual([]);
          if (wholes.includes('RoleLowered'))
            expect(before.role === 'Member' && has.role === 'Admin').toBe(false);
          if (wholes.includes('TemplateTaken')) expect([null, before.template]).toContain(has.template);
          if (wholes.includes('ScopeNarrowed') && has.template !== null) {
            expect(
              reach(has.projectScope).filter((name) => !reach(before.projectScope).includes(name)),
            ).toEqual([]);
          }
          const had = action.before?.grants.map(({ project }) => project) ?? [];
          const gained = action.after.grants
            .map(({ project }) => project)
            .filter((name) => !had.includes(name));
          expect(cut.filter(({ item }) => item !== null && gained.includes(item))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('runs no loss outside a loss group, and none beyond the budget (rail 1)', () => {
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const { runnable, lossGroups, steps, held, pending } = plan(declared, state, policy(), NOW);
        const reserved = new Set(lossGroups.flatMap((group) => group.steps.map(({ hash }) => hash)));
        for (const step of runnable) {
          expect(step.consequence.loss !== null, step.action.kind).toBe(reserved.has(step.hash));
        }
        const people = lossGroups.filter((group) => group.class === 'people').flatMap((group) => group.steps);
        const units = people.reduce((sum, { consequence }) => sum + (consequence.loss?.units ?? 0), 0);
        expect(units).toBeLessThanOrEqual(2);
        // Every step runs, waits, is held, or follows one that does not run; and only one of them.
        const places = [runnable, ...held.map((h) => h.steps), ...pending.map((p) => p.steps)].flat();
        expect(new Set(places.map(({ hash }) => hash)).size).toBe(places.length);
        const placed = new Set(places.map(({ hash }) => hash));
        for (const { hash, action } of steps) {
          if (!placed.has(hash))
            expect(['DeleteTemplate', 'InviteMember', 'SetMemberAccess', 'UpdateGroup']).toContain(
              action.kind,
            );
        }
      }),
      RUNS,
    );
  });

  it('runs the suspensions of a frozen vault alone, and the same ones as before it was frozen (rail 12)', () => {
    const isSuspension = ({ action }: Step) => action.kind === 'SuspendMember';
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const free = plan(declared, state, policy(), NOW);
        const freeze = { by: 'carol', reason: 'incident', at: NOW, all: false };
        const frozen = plan(declared, state, policy({ freeze }), NOW);
        expect(frozen.runnable).toEqual(free.runnable.filter(isSuspension));
        expect(frozen.lossGroups).toEqual(free.lossGroups.filter((group) => group.steps.every(isSuspension)));
        expect(planSuspensions(declared, state, policy({ freeze }), NOW).runnable).toEqual(frozen.runnable);
        const places = [frozen.runnable, ...frozen.held.map(({ steps }) => steps)].flat();
        expect(places).toHaveLength(frozen.steps.length);
        expect(frozen.digest).toBe(free.digest);
      }),
      RUNS,
    );
  });

  it('runs nothing while everything is frozen (rail 12) or it observes (rail 10)', () => {
    fc.assert(
      fc.property(both, ([declared, state]) => {
        const freeze = { by: 'carol', reason: 'incident', at: NOW, all: true };
        for (const stopped of [
          policy({ freeze }),
          policy({ observeOnly: { message: 'management is Observe', next: 'Take it out.' } }),
        ]) {
          const { runnable, lossGroups, pending, held, steps } = plan(declared, state, stopped, NOW);
          expect([runnable, lossGroups, pending]).toEqual([[], [], []]);
          expect(held.flatMap((hold) => hold.steps)).toHaveLength(steps.length);
        }
      }),
      RUNS,
    );
  });
});

function decisions({ steps, runnable, held, findings, digest }: OrganizationPlan) {
  return {
    steps: steps.map(({ hash }) => hash),
    runnable: runnable.map(({ hash }) => hash),
    held: held.map((hold) => [hold.reason, hold.digest, hold.steps.map(({ hash }) => hash)]),
    findings: findings.map(({ reason, message }) => `${reason}: ${message}`),
    digest,
  };
}
