import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Authority } from '#model/authority.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import { plan } from '#planning/plan.ts';
import type { Desired } from '#planning/plan-types.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import {
  arbitraryGifts,
  goneBy,
  type Items,
  itemsBeyond,
  itemsIn,
  mayBeLeft,
  withGifts,
} from '#test/builders/beyond-declared.ts';
import { undeclared } from '#test/builders/declared-oracle.ts';
import { policy, RAILS, settled } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, OWNER } from '#test/builders/organization.ts';
import { approving, told } from '#test/builders/planned.ts';

const EXCLUSIVE: Authority = {
  ...{ members: 'Exclusive', groups: 'Exclusive', templates: 'Exclusive' },
  ...{ projects: 'Exclusive', machines: 'Exclusive' },
};
const TAKING: readonly StepAction['kind'][] = [
  ...(['RemoveMember', 'CancelInvite', 'DeleteGroup', 'DeleteTemplate'] as const),
  ...(['DeleteProject', 'DisableMachine', 'RevokeMachine'] as const),
];
const lived = fc.tuple(arbitraryDesired, arbitraryOrganization, arbitraryGifts);

function withAuthority(declaration: Desired, authority: Authority): Desired {
  const { organization: own } = declaration;
  const fields = { ...own.fields, rails: { ...own.fields.rails, authority } };
  return { ...declaration, organization: { ...own, fields } };
}

/** While a rename waits, who has or is to have the thing by either name is left alone whole: that comes to no rest (0055). */
function withoutRenames(declaration: Desired): Desired {
  const named = <T extends object>(things: readonly T[]) =>
    things.map((thing) => ({ ...thing, renamedFrom: null }));
  return { ...declaration, projects: named(declaration.projects), templates: named(declaration.templates) };
}

/** Where no step is left to run, with all of each plan approved. */
function atRest(declaration: Desired, from: OrganizationState): OrganizationState {
  let current = from;
  for (let pass = 0; ; pass++) {
    const first = plan(declaration, current, policy(), NOW);
    const next = plan(declaration, current, policy(approving(first)), NOW);
    if (next.runnable.length === 0) return current;
    if (pass === 12) throw new Error(`no rest: ${told(next.runnable).join(', ')}`);
    expect(told(next.runnable)).not.toContain(`RemoveMember ${OWNER}`);
    current = applySteps(current, next.runnable, NOW);
  }
}

/** What the declaration made of the organization, and what people gave in it since. */
function given([declaration, state, gifts]: [Desired, OrganizationState, Parameters<typeof withGifts>[1]]) {
  return withGifts(atRest(declaration, settled(state)), gifts);
}

describe('exclusive authority over random organizations (rail 11)', () => {
  it('takes nothing that was never ours before it is in force', () => {
    fc.assert(
      fc.property(lived, fc.boolean(), (life, isNew) => {
        const [declaration, state] = life;
        const there = isNew ? settled(state) : given(life);
        const { runnable } = plan(withAuthority(declaration, EXCLUSIVE), there, policy(), NOW);
        // What was ours under a former name is ours under the new one.
        const renames = runnable.filter(({ action: { kind } }) => kind.startsWith('Rename'));
        const { records } = applySteps(there, renames, NOW);
        for (const { action, subject } of runnable) {
          const record = records.find(({ kind, key }) => kind === subject.kind && key === subject.key);
          if (TAKING.includes(action.kind)) expect(record, `${action.kind} ${action.key}`).toBeDefined();
          const applied = new Set(record === undefined ? [] : itemsIn(record.applied as Items));
          expect(goneBy(action).filter((item) => !applied.has(item))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('comes to rest with nothing foreign but what no step may take, once all of it is approved', () => {
    fc.assert(
      fc.property(lived, (life) => {
        const whole = withoutRenames(withAuthority(life[0], EXCLUSIVE));
        const there = atRest(
          whole,
          settled(given([whole, life[1], life[2]]), { ...RAILS, authority: EXCLUSIVE }),
        );
        expect(undeclared(whole, there).filter((thing) => !mayBeLeft(thing, there))).toEqual([]);
        expect(itemsBeyond(whole, there)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
