import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consequence } from '#model/consequence.ts';
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { planned, stepOf, told } from '#test/builders/planned.ts';

const WIDE = { Alerts: ['View'], Secrets: ['View'] };
const NARROW = { Alerts: ['View'] };
const [A, B] = ['a@acme.example', 'b@acme.example'] as const;

describe('a template that changes in the plan that gives it', () => {
  it('is a loss for who moves to it, where it no longer has what they held (rail 1)', () => {
    const state = organization()
      .template('ops', WIDE)
      .template('dev', WIDE)
      .member(A, { template: 'ops' })
      .ours();
    const declared = desired().template('ops', WIDE).template('dev', NARROW).member(A, { template: 'dev' });
    const { steps, lossGroups, runnable } = planned(declared, state);
    expect(stepOf(steps, 'SetMemberAccess').consequence).toMatchObject({
      loss: { class: 'access', units: 1 },
      changes: [{ who: A, lost: ['Secrets: View in all projects'] }],
    });
    expect(told(runnable)).toEqual(['UpdateTemplate dev', `SetMemberAccess ${A}`]);
    expect(lossGroups).toMatchObject([{ class: 'access', steps: [{ action: { kind: 'SetMemberAccess' } }] }]);
  });

  it('takes nothing from who moves to it, where it gains what they held', () => {
    const state = organization()
      .template('ops', WIDE)
      .template('dev', NARROW)
      .member(A, { template: 'ops' })
      .ours();
    const declared = desired().template('ops', WIDE).template('dev', WIDE).member(A, { template: 'dev' });
    expect(stepOf(planned(declared, state).steps, 'SetMemberAccess').consequence.loss).toBeNull();
  });

  it('counts as the worse of both for who moves to it, where its change may be kept back', () => {
    const state = organization()
      .template('ops', { Secrets: ['View'] })
      .template('dev', { Alerts: ['View'] })
      .member(A, { template: 'ops' })
      .member(B, { template: 'dev' })
      .ours();
    const declared = desired()
      .template('ops', { Secrets: ['View'] })
      .template('dev', { Secrets: ['View'] })
      .member(A, { template: 'dev' })
      .member(B, { template: 'dev' });
    const { steps } = planned(declared, state);
    expect(stepOf(steps, 'SetMemberAccess').consequence.loss).toEqual({ class: 'access', units: 1 });
  });

  it('lets nobody in ahead of the loss that settles', () => {
    const state = organization().template('dev', WIDE).member(A, { template: 'dev' }).ours();
    const declared = desired()
      .template('dev', NARROW)
      .member(A, { template: 'dev' })
      .member(B, { template: 'dev' });
    const { runnable, pending } = planned(declared, state, { settle: true });
    expect(told(runnable)).toEqual([]);
    expect(pending.map(({ steps }) => told(steps))).toEqual([['UpdateTemplate dev', `InviteMember ${B}`]]);
    expect(told(planned(declared, state).runnable)).toEqual(['UpdateTemplate dev', `InviteMember ${B}`]);
  });
});

describe('any plan', () => {
  it('counts for every step at least what it takes when it runs after those before it (rail 1)', () => {
    fc.assert(
      fc.property(arbitraryDesired, arbitraryOrganization, (declared, state) => {
        let current: OrganizationState = state;
        for (const step of plan(declared, state, policy(), NOW).runnable) {
          const { loss } = consequence(current, step.action, NOW);
          if (loss !== null) {
            expect(step.consequence.loss?.class, step.action.kind).toBe(loss.class);
            expect(step.consequence.loss?.units, step.action.kind).toBeGreaterThanOrEqual(loss.units);
          }
          current = applySteps(current, [step], NOW);
        }
      }),
      { numRuns: 500 },
    );
  });
});
