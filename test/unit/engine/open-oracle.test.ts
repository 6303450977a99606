/** What is open, against an oracle by brute force: nothing that is not as declared stays unsaid. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomesOf } from '#cli/gitops/open-outcomes.ts';
import { exitCode } from '#cli/terminal/exit-codes.ts';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { type WhatIsOpen, whatIsOpen } from '#engine/open.ts';
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import type { Desired, OrganizationPlan, Step } from '#planning/plan-types.ts';
import { REFUSALS, type Refusal, type StepAnswer } from '#protocol/management.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { type Difference, differencesOf, undeclared } from '#test/builders/declared-oracle.ts';
import { policy, settled } from '#test/builders/desired.ts';
import { HANDS, withHand } from '#test/builders/hands.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { SLIPS, withSlip } from '#test/builders/slips.ts';
import { objects, outcome } from '../controllers/organization/pass.ts';

const RUNS = { numRuns: 200 };
const DONE: StepAnswer = { status: 'Done' };

const fate: fc.Arbitrary<StepAnswer> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(DONE) },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(REFUSALS) as Refusal[])).map(refused) },
  { weight: 1, arbitrary: fc.constant<StepAnswer>({ status: 'Failed', message: 'The vault failed.' }) },
);
const slip = fc.constantFrom(...SLIPS);

/** A vault that was made from the declaration, where people joined or did not, and one then did something. */
const lived = fc
  .tuple(arbitraryDesired, fc.constantFrom(...HANDS), fc.boolean())
  .map(([declared, hand, joins]) => {
    const { state } = run(declared, emptyVault(declared), [DONE]);
    const members = state.members.map((member) =>
      joins && member.state === 'Invited' ? { ...member, state: 'Active' as const, invite: null } : member,
    );
    return [declared, withHand({ ...state, members }, hand)] as const;
  });
const anyOther = fc.tuple(arbitraryDesired, arbitraryOrganization);
const declaredAndThere = fc
  .tuple(fc.oneof(anyOther, lived), slip)
  .map(([[declared, state], what]) => [withSlip(declared, what), state] as const);

describe('what is open in any organization', () => {
  it('has each object that is not as declared, with what to do, in the status of the Organization and in the exit code', () => {
    const fates = fc.array(fate, { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(declaredAndThere, fates, ([declared, start], answers) => {
        const result = run(declared, start, answers);
        const open = whatIsOpen(declared, result);
        const differences = differencesOf(declared, named(result.state, result.plan), NOW);
        expect(differences.filter((one) => !isTold(open, one))).toEqual([]);
        expect(withoutNext(open)).toEqual([]);

        if (differences.some(({ excused }) => !excused)) expect(exitCode(outcomesOf(open))).not.toBe(0);
        const { counted, message } = organizationStatus(declared, result);
        expect(counted).toBe(open.items.reduce((total, { keys }) => total + keys.length, 0));
        if (differences.length > 0) expect(message).not.toBe('The vault is as declared.');
      }),
      RUNS,
    );
  });

  it('has by a plan alone each object that is not as declared, with what to do, and `plan` does not leave 0', () => {
    fc.assert(
      fc.property(declaredAndThere, ([declared, state]) => {
        const open = openByPlan(declared, state);
        const differences = differencesOf(declared, named(state, plan(declared, state, policy(), NOW)), NOW);
        expect(differences.filter((one) => !isTold(open, one))).toEqual([]);
        expect(withoutNext(open)).toEqual([]);
        if (differences.some(({ excused }) => !excused)) expect(exitCode(outcomesOf(open))).not.toBe(0);
      }),
      RUNS,
    );
  });

  it('has what nobody declares, each by its name', () => {
    fc.assert(
      fc.property(declaredAndThere, ([declared, state]) => {
        const foreign = openByPlan(declared, state)
          .items.filter(({ standing, subject }) => standing === 'Foreign' && subject.kind === 'Organization')
          .flatMap(({ keys }) => keys);
        const things = undeclared(declared, state).map((thing) => thing.slice(thing.indexOf(' ') + 1));
        expect(foreign.toSorted()).toEqual(things.toSorted());
      }),
      RUNS,
    );
  });

  it('is empty in a vault that was made from the declaration, and `apply` leaves 0', () => {
    fc.assert(
      fc.property(arbitraryDesired, slip, (clean, what) => {
        const declared = withSlip(clean, what);
        const made = run(declared, emptyVault(declared), [DONE]);
        const open = whatIsOpen(declared, made);
        const differences = differencesOf(declared, made.state, NOW);
        fc.pre(differences.every(({ excused }) => excused));
        const excuses = ['WaitingForPerson', 'LeftToOperator'];
        expect(open.items.filter(({ standing }) => !excuses.includes(standing))).toEqual([]);
        expect(exitCode(outcomesOf(open))).toBe(0);
        if (differences.length === 0) expect(open.items).toEqual([]);
      }),
      RUNS,
    );
  });
});

function emptyVault({ organization: own }: Desired): OrganizationState {
  return settled(organization().build(), own.fields.rails);
}

/** By the names that a plan has yet to give (P2): a rename is told at what it renames, and whatever names that is as it was. */
function named(state: OrganizationState, { steps }: Pick<OrganizationPlan, 'steps'>): OrganizationState {
  const renames = steps.filter(
    ({ action: { kind } }) => kind === 'RenameProject' || kind === 'RenameTemplate',
  );
  return applySteps(state, renames, NOW);
}

/** Three passes in which the vault answers each step once, by turns, and does those that it says are done. */
function run(declared: Desired, start: OrganizationState, fates: readonly StepAnswer[]) {
  const answers = new Map<string, StepAnswer>();
  let state = start;
  let last: OrganizationPlan = plan(declared, state, policy(), NOW);
  for (let pass = 0; pass < 3; pass++) {
    for (const step of last.runnable) {
      if (step.executor === 'operator' || answers.has(step.hash)) continue;
      const answer = fates[answers.size % fates.length] ?? DONE;
      const done = answer.status === 'Done' ? after(state, step) : null;
      answers.set(step.hash, done !== null && 'refusal' in done ? done.refusal : answer);
      if (done !== null && 'state' in done) state = done.state;
    }
    last = plan(declared, state, policy(), NOW);
  }
  return { state, plan: last, answers };
}

function after(state: OrganizationState, step: Step): { state: OrganizationState } | { refusal: StepAnswer } {
  try {
    return { state: applySteps(state, [step], NOW) };
  } catch (error) {
    return { refusal: refused((error as Error).message as Refusal) };
  }
}

function refused(code: Refusal): StepAnswer {
  return { status: 'Refused', code, message: 'The vault refuses it.', next: '' };
}

function openByPlan(declared: Desired, state: OrganizationState): WhatIsOpen {
  return whatIsOpen(declared, { plan: plan(declared, state, policy(), NOW), answers: new Map() });
}

function withoutNext({ items }: WhatIsOpen): string[] {
  return items.flatMap(({ next, standing, reason }) => (next.trim() === '' ? [`${standing}/${reason}`] : []));
}

/** Whether an item is told at the object, or is about the person whom it grants something. */
function isTold({ items }: WhatIsOpen, { source, key }: Difference): boolean {
  return items.some(
    ({ declarations, subject }) =>
      declarations.some(({ kind, name }) => kind === source.kind && name === source.name) ||
      ((subject.kind === 'Member' || subject.kind === 'Group') && subject.key === key),
  );
}

function organizationStatus(declared: Desired, { state, plan: last, answers }: ReturnType<typeof run>) {
  const patches = statusesOf(objects(), declared, outcome(state, last, { answers }), NOW);
  const status = patches.find(({ kind }) => kind === 'Organization')?.status;
  const counts: readonly number[] = Object.values((status?.open ?? {}) as Record<string, number>);
  return {
    counted: counts.reduce((total, count) => total + count, 0),
    message: status?.conditions.find(({ type }) => type === 'Ready')?.message,
  };
}
