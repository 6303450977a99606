import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '#planning/plan.ts';
import { planSuspensions } from '#planning/suspensions.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { planned, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const ANN = 'ann@acme.example';
const suspended = { state: 'Suspended' } as const;

describe('suspensions that Git declares (M1)', () => {
  it('are the first steps of a plan, before the settings', () => {
    const declared = desired().displayName('New').member(BOB, suspended).member(ANN).project('web');
    const { steps } = planned(declared, organization().member(BOB).ours());
    expect(steps.map(({ action }) => action.kind)[0]).toBe('SuspendMember');
  });

  it('are planned by themselves as in the whole plan: the same steps, judged alike, whatever else is declared', () => {
    fc.assert(
      fc.property(arbitraryDesired, arbitraryOrganization, fc.boolean(), (declared, state, complete) => {
        const view = { ...declared, complete };
        const whole = plan(view, state, policy({ settle: true }), NOW);
        const alone = planSuspensions(view, state, policy({ settle: true }), NOW);
        const ofWhole = whole.runnable.filter(({ action }) => action.kind === 'SuspendMember');
        expect(alone.runnable).toEqual(ofWhole);
        expect(alone.lossGroups).toEqual(whole.lossGroups.filter((group) => group.class === 'suspensions'));
        expect(whole.runnable.slice(0, ofWhole.length)).toEqual(ofWhole);
      }),
      { numRuns: 500 },
    );
  });

  it('leave the rest of the plan as it was when they have run', () => {
    fc.assert(
      fc.property(arbitraryDesired, arbitraryOrganization, (declared, state) => {
        const whole = plan(declared, state, policy(), NOW);
        const alone = planSuspensions(declared, state, policy(), NOW);
        const after = plan(declared, applySteps(state, alone.runnable, NOW), policy(), NOW);
        const ran = new Set(alone.runnable.map(({ hash }) => hash));
        const hashes = ({ hash }: { hash: string }): string => hash;
        expect(after.steps.map(hashes)).toEqual(whole.steps.map(hashes).filter((hash) => !ran.has(hash)));
        expect(after.runnable.map(hashes)).toEqual(
          whole.runnable.map(hashes).filter((hash) => !ran.has(hash)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('do not wait for what cannot be planned', () => {
    const declared = desired().member(BOB, suspended).project('half of a pair: \ud800').build();
    const state = organization().member(BOB).ours().build();
    expect(() => plan(declared, state, policy(), NOW)).toThrow('surrogate');
    expect(told(planSuspensions(declared, state, policy(), NOW).runnable)).toEqual([`SuspendMember ${BOB}`]);
  });

  it('move the state of the record alone: its origin, and what else is declared, come with steps of their own', () => {
    const state = organization().member(BOB).ours();
    const declared = desired()
      .project('web')
      .member(BOB, { ...suspended, grants: { web: 'Read' } });
    const { record } = stepOf(planned(declared, state).steps, 'SuspendMember');
    expect(record?.applied).toEqual({
      member: { role: 'Member', template: null, projectScope: null, state: 'Suspended' },
      grants: [],
    });
  });

  it('of somebody who is not ours wait for consent, and bring no record before it', () => {
    const state = organization().member(BOB);
    expect(told(planned(desired().member(BOB, suspended), state).runnable)).toEqual([]);
    const adopted = desired().member(BOB, { ...suspended, source: { adopt: `mem_${BOB}` } });
    const { steps } = planned(adopted, state);
    expect(told(steps)).toEqual([`SuspendMember ${BOB}`, `Claim Member/${BOB}`]);
    expect(stepOf(steps, 'SuspendMember').record).toBeUndefined();
  });
});
