import { describe, expect, it } from 'vitest';
import { desired, settled } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, told } from '#test/builders/planned.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';

function on(tier: object, state = organization()) {
  const built = settled(state.build());
  return organization().with({ ...built, plan: { ...built.plan, ...tier } });
}

describe('a plan has no step that the vault must refuse', () => {
  const lapsed = { lapsedAt: NOW - HOUR };

  it('in an organization whose plan lapsed (P4): what takes away goes on, what gives is said', () => {
    const plan = planned(
      desired().member(ALICE, { state: 'Suspended' }).member(BOB),
      on(lapsed, organization().member(ALICE).ours()),
    );
    expect(told(plan.steps)).toEqual([`SuspendMember ${ALICE}`]);
    expect(reasons(plan)).toContain(`Stalled PlanLapsed ${BOB}`);
    expect(plan.held).toEqual([]);
  });

  it('in a personal vault (O1)', () => {
    const plan = planned(desired().member(ALICE).template('ops').project('web'), on({ isPersonal: true }));
    expect(told(plan.steps)).toEqual(['CreateProject web']);
    expect(reasons(plan)).toEqual([`Stalled PersonalVault ${ALICE}`, 'Stalled PersonalVault ops']);
  });

  it('where there is no room for another project (P3): nor for what is granted in it', () => {
    const { caps } = organization().build().plan;
    const plan = planned(
      desired()
        .project('api')
        .project('web')
        .member(ALICE, { grants: { web: 'Read' } }),
      on({ caps: { ...caps, projects: 1 } }),
    );
    expect(told(plan.steps)).toEqual(['CreateProject api']);
    expect(reasons(plan)).toEqual([`Waiting ProjectNotFound ${ALICE}`, 'Stalled QuotaReached web']);
  });
});

it('what has no seat is told with the link, and without a dot in its place where there is none (I5)', () => {
  const { caps } = organization().build().plan;
  const next = (billingUrl: string) =>
    planned(desired().member(ALICE), on({ caps: { ...caps, members: 1 }, billingUrl })).findings[0]?.next;
  expect(next('https://vault.example/billing')).toBe(
    'Free a seat, or get more: https://vault.example/billing',
  );
  expect(next('')).toBe('Free a seat, or move to a larger plan.');
});
